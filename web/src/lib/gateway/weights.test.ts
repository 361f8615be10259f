import { expect, it } from 'vitest';
import { mistakeIn, shares, silenced } from './weights';

it('gives shares that a person can read', () => {
  expect(shares([90, 10])).toEqual(['90 %', '10 %']);
  expect(shares([1, 1, 1])).toEqual(['33.3 %', '33.3 %', '33.3 %']);
  expect(shares([0, 0])).toEqual(['0 %', '0 %']);
  expect(shares([1_000_000, 1])).toEqual(['100 %', '<0.1 %']);
});

it('says why weights cannot be applied', () => {
  expect(mistakeIn([90, 10])).toBeNull();
  expect(mistakeIn([100, 0])).toBeNull();
  expect(mistakeIn([0, 0])).toContain('above 0');
  for (const odd of [-1, 1.5, Number.NaN, 1_001, null, undefined])
    expect(mistakeIn([1, odd])).toContain('whole');
});

it('names who gets nothing any more', () => {
  const before = [
    { key: 'a', weight: 90 },
    { key: 'b', weight: 10 },
    { key: 'c', weight: 0 },
  ];
  expect(silenced(before, { a: 100, b: 0, c: 0 })).toEqual(['b']);
  expect(silenced(before, { a: 1, b: 1, c: 1 })).toEqual([]);
});
