import { expect, it } from 'vitest';
import type { ResultColumn, Row } from '$lib/api/types';
import { nextSort, sortRows } from './sort';

const columns: ResultColumn[] = [
  { name: 'n', type: 'integer' },
  { name: 's', type: 'string' },
];
const rows: Row[] = [
  [10, 'b'],
  [null, 'a'],
  [9, 'B'],
];

it('sorts numbers as numbers, NULL last both ways', () => {
  const firsts = (descending: boolean) =>
    sortRows(columns, rows, { column: 'n', descending }).map((row) => row[0]);
  expect(firsts(false)).toEqual([9, 10, null]);
  expect(firsts(true)).toEqual([10, 9, null]);
});

it('compares integers beyond 2^53 exactly', () => {
  const long: Row[] = [
    ['9007199254740993', ''],
    ['9007199254740992', ''],
  ];
  expect(sortRows(columns, long, { column: 'n', descending: false })[0]?.[0]).toBe('9007199254740992');
});

it('leaves the server order alone without a sort, and never changes the rows it was given', () => {
  expect(sortRows(columns, rows, null)).toBe(rows);
  expect(sortRows(columns, rows, { column: 'gone', descending: false })).toBe(rows);
  sortRows(columns, rows, { column: 's', descending: false });
  expect(rows[0]).toEqual([10, 'b']);
});

it('goes up, down, off', () => {
  const up = nextSort(null, 'n');
  const down = nextSort(up, 'n');
  expect([up?.descending, down?.descending, nextSort(down, 'n')]).toEqual([false, true, null]);
  expect(nextSort(down, 's')).toEqual({ column: 's', descending: false });
});
