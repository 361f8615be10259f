import { expect, it } from 'vitest';
import { fateOf, numbered, pieces, placeLink, wayTo } from './view';

it('numbers lines on the sides that they are on', () => {
  const lines = [
    { kind: 'same' as const, text: 'a' },
    { kind: 'removed' as const, text: 'b' },
    { kind: 'added' as const, text: 'c' },
    { kind: 'added' as const, text: 'd' },
    { kind: 'same' as const, text: 'e' },
  ];
  expect(numbered({ old_line: 10, new_line: 20, lines }).map((line) => [line.old, line.new])).toEqual([
    [10, 20],
    [11, undefined],
    [undefined, 21],
    [undefined, 22],
    [12, 23],
  ]);
});

it('keeps paths in the query', () => {
  expect(placeLink('shop')).toBe('/repositories/shop');
  expect(placeLink('shop', 'web/index.js', 'files')).toBe('/repositories/shop?tab=files&path=web%2Findex.js');
  expect(wayTo('a/b.c')).toEqual([
    { name: 'a', path: 'a' },
    { name: 'b.c', path: 'a/b.c' },
  ]);
});

it('says what became of a file', () => {
  expect(fateOf({ status: 'moved', old_path: 'a', opaque: false })).toBe('moved from a');
  expect(fateOf({ status: 'changed', opaque: true })).toBe('changed, no text or too large');
});

it('shows colours of a log and nothing else of an escape', () => {
  expect(pieces('\u001b[1;31mred\u001b[0m plain')).toEqual([
    { text: 'red', tone: 'danger', bold: true },
    { text: ' plain', tone: undefined, bold: false },
  ]);
  expect(pieces('<b>')).toEqual([{ text: '<b>', tone: undefined, bold: false }]);
});
