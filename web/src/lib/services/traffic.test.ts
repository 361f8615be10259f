import { expect, it } from 'vitest';
import type { SqlResult } from '$lib/api/types';
import { describeSplit, latest, splitData, trafficOf } from './traffic';

const result = (names: string[], rows: unknown[][]): SqlResult =>
  ({
    columns: names.map((name) => ({ name, type: 'string', nullable: true })),
    rows,
  }) as unknown as SqlResult;

it('gives each service its minutes, also those without requests', () => {
  const now = Date.parse('2026-11-27T16:30:20Z');
  const found = trafficOf(
    result(
      ['service', 'at', 'requests', 'errors'],
      [
        ['billing', '2026-11-27T16:00:00Z', 3, 0],
        ['shop', '2026-11-27T16:28:00Z', 10, 1],
        ['shop', '2026-11-27T16:29:00Z', 20, 2],
        // The minute that has just begun would look like a fall.
        ['shop', '2026-11-27T16:30:00Z', 5, 0],
      ],
    ),
    now,
  );
  const shop = found.get('shop')!;
  expect(shop.minutes).toHaveLength(30);
  expect(shop.minutes.slice(-3)).toEqual([0, 10, 20]);
  expect([shop.requests, shop.errors, latest(shop)]).toEqual([35, 3, 20]);
  expect(found.get('billing')!.minutes[0]).toBe(3);
});

const split = result(
  ['at', 'side', 'answers', 'errors', 'error_percent'],
  [
    ['2026-11-27T16:00:00Z', 'before', 100, 1, 1],
    ['2026-11-27T16:00:05Z', 'before', 100, 0, 0],
    ['2026-11-27T16:00:05Z', 'release', 10, 2, 20],
  ],
);

it('draws both releases over the same times', () => {
  const data = splitData(split, 3);
  const first = Date.parse('2026-11-27T16:00:00Z') / 1_000;
  expect(data.x).toEqual([first, first + 5]);
  expect(data.lines.map(({ label, values }) => [label, values])).toEqual([
    ['release 3', [null, 20]],
    ['the one before', [1, 0]],
  ]);
});

it('says what is drawn', () => {
  expect(describeSplit(split, 3)).toBe(
    'Share of errors since the deployment began. Release 3: 2 of 10 answers. The one before: 1 of 200.',
  );
});
