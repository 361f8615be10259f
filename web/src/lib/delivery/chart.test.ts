import { describe, expect, it } from 'vitest';
import type { SqlResult } from '$lib/api/types';
import { dayData, distributionData, formatShare, greatest, unitFor } from './chart';

const result = (columns: string[], rows: unknown[][]) =>
  ({ columns: columns.map((name) => ({ name, type: 'integer' })), rows }) as unknown as SqlResult;

const now = Date.parse('2026-11-24T18:00:00Z');
const day = (date: string) => Date.parse(date) / 1_000;

describe('lines by day', () => {
  it('have every day of the range', () => {
    const found = result(
      ['day', 'landed'],
      [
        ['2026-11-23', 3],
        ['2026-11-24T00:00:00Z', 120],
      ],
    );
    const data = dayData(found, [{ column: 'landed', label: 'landed' }], { days: 2, now, missing: 0 });
    expect(data.x).toEqual([day('2026-11-22'), day('2026-11-23'), day('2026-11-24')]);
    expect(data.lines[0]!.values).toEqual([0, 3, 120]);
  });

  it('have gaps where nothing is known, and other units', () => {
    const found = result(
      ['day', 'median'],
      [
        ['2026-11-23', 90],
        ['2026-11-24', null],
      ],
    );
    const data = dayData(found, [{ column: 'median', label: 'median' }], { days: 1, now, scale: 60 });
    expect(data.lines[0]!.values).toEqual([1.5, null]);
  });
});

it('shows steps without a change as nought', () => {
  const data = distributionData(result(['took', 'changes'], [['1–5 min', 4]]));
  expect(data.lines[0]!.values.slice(0, 3)).toEqual([0, 4, 0]);
  expect(data.categories).toHaveLength(data.x.length);
});

it('measures in a unit that suits the longest', () => {
  const short = (seconds: number) => unitFor(seconds).short;
  expect([0, 1, 119, 120, 7_200, 200_000].map(short)).toEqual(['s', 's', 's', 'min', 'h', 'd']);
  expect(
    greatest(
      result(
        ['a', 'b'],
        [
          [1, null],
          [5, 9],
        ],
      ),
      ['a', 'b'],
    ),
  ).toBe(9);
  expect(greatest(result(['a'], []), ['a'])).toBe(0);
});

it('never rounds a share to all or nothing', () => {
  expect([0, 0.001, 0.333, 0.999, 1].map(formatShare)).toEqual(['0%', '< 1%', '33%', '> 99%', '100%']);
});
