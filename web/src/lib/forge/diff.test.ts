import { expect, it } from 'vitest';
import type { Comment, FileDiff } from '$lib/api/forge';
import {
  aboutSpot,
  LARGE,
  MANY,
  numbered,
  onLine,
  openAtFirst,
  place,
  spotOf,
  threads,
  totals,
  whyNoLines,
} from './diff';

const lines = [
  { kind: 'same' as const, text: 'a' },
  { kind: 'removed' as const, text: 'b' },
  { kind: 'added' as const, text: 'c' },
  { kind: 'added' as const, text: 'd' },
  { kind: 'same' as const, text: 'e' },
];
const hunk = { old_line: 10, new_line: 20, lines };
const file: FileDiff = {
  path: 'new.txt',
  old_path: 'old.txt',
  status: 'moved',
  added: 2,
  removed: 1,
  opaque: false,
  hunks: [hunk],
};

function comment(id: string, more: Partial<Comment> = {}): Comment {
  return {
    id,
    revision: 1,
    side: 'new',
    text: id,
    resolved: false,
    author: 'ada',
    time: '2026-01-01T00:00:00Z',
    ...more,
  };
}

it('numbers lines on the sides that they are on', () => {
  expect(numbered(hunk).map((line) => [line.old, line.new])).toEqual([
    [10, 20],
    [11, undefined],
    [undefined, 21],
    [undefined, 22],
    [12, 23],
  ]);
});

it('takes a comment to the new side wherever the line is there, and to the old path elsewhere', () => {
  const [same, removed] = numbered(hunk);
  expect(spotOf(file, same!)).toEqual({ path: 'new.txt', line: 20, side: 'new' });
  expect(spotOf(file, removed!)).toEqual({ path: 'old.txt', line: 11, side: 'old' });
});

it('says of which revision a comment is', () => {
  const old = { path: 'a', line: 3, side: 'old' as const };
  expect(aboutSpot(old, { new: 2 })).toEqual({ ...old, revision: 2 });
  expect(aboutSpot(old, { old: 1, new: 2 })).toEqual({ ...old, side: 'new', revision: 1 });
});

it('puts answers to what they answer, also answers to answers', () => {
  const found = threads([
    comment('a'),
    comment('b', { reply_to: 'a' }),
    comment('c', { reply_to: 'b' }),
    comment('d', { reply_to: 'gone' }),
  ]);
  expect(found.map((one) => [one.first.id, one.answers.map((answer) => answer.id)])).toEqual([
    ['a', ['b', 'c']],
    ['d', []],
  ]);
  // No server gives such a circle; it must end anyway.
  expect(threads([comment('x', { reply_to: 'y' }), comment('y', { reply_to: 'x' })])).not.toHaveLength(0);
});

it('puts comments to the lines that are shown, and the others aside', () => {
  const placed = place(
    threads([
      comment('general'),
      comment('here', { path: 'new.txt', line: 21 }),
      comment('before', { path: 'old.txt', line: 11, side: 'old' }),
      comment('later', { path: 'new.txt', line: 21, revision: 2 }),
      comment('far', { path: 'new.txt', line: 500 }),
    ]),
    [file],
    { new: 1 },
  );
  const [, removed, added] = numbered(hunk);
  expect(onLine(placed, file, added!).map((one) => one.first.id)).toEqual(['here']);
  expect(onLine(placed, file, removed!).map((one) => one.first.id)).toEqual(['before']);
  expect(placed.general.map((one) => one.first.id)).toEqual(['general']);
  expect(placed.elsewhere.map((one) => one.first.id)).toEqual(['later', 'far']);
});

it('shows on the old side of two revisions what was said of the older one', () => {
  const said = comment('said', { path: 'old.txt', line: 11, revision: 1 });
  const base = comment('base', { path: 'old.txt', line: 11, side: 'old', revision: 2 });
  const placed = place(threads([said, base]), [file], { old: 1, new: 2 });
  expect(onLine(placed, file, numbered(hunk)[1]!).map((one) => one.first.id)).toEqual(['said']);
  expect(placed.elsewhere.map((one) => one.first.id)).toEqual(['base']);
});

it('counts, and says why there is nothing to see', () => {
  expect(totals([file, file])).toEqual({ added: 4, removed: 2 });
  expect(whyNoLines(file)).toBeNull();
  expect(whyNoLines({ ...file, hunks: [], added: 0, removed: 0 })).toContain('moved');
  expect(whyNoLines({ ...file, hunks: [], opaque: true })).toContain('no text');
  expect(whyNoLines({ ...file, hunks: [] })).toContain('too large');
});

it('opens small files at first, and not too many', () => {
  const sized = (path: string, size: number): FileDiff => ({
    ...file,
    path,
    hunks: [{ ...hunk, lines: Array.from({ length: size }, () => ({ kind: 'added' as const, text: '' })) }],
  });
  const files = [
    sized('large', LARGE + 1),
    ...Array.from({ length: MANY / LARGE + 2 }, (_, i) => sized(`file ${i}`, LARGE)),
    sized('empty', 0),
  ];
  const open = openAtFirst(files);
  expect(open.has('large')).toBe(false);
  expect(open.has('empty')).toBe(true);
  expect(open.size).toBe(Math.floor(MANY / LARGE) + 1);
});
