import type { Cell, ResultColumn, Row } from '$lib/api/types';

export type Sort = { column: string; descending: boolean };

/** Sorts rows by one column; NULL comes last in both directions, equal rows keep their order. */
export function sortRows(columns: ResultColumn[], rows: Row[], sort: Sort | null): Row[] {
  const at = sort ? columns.findIndex((column) => column.name === sort.column) : -1;
  if (!sort || at < 0) return rows;
  const numeric = ['integer', 'float'].includes(columns[at]!.type);
  const sign = sort.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [a[at], b[at]];
    if (isNull(left) || isNull(right)) return Number(isNull(left)) - Number(isNull(right));
    return sign * (numeric ? compareNumbers(left, right) : compareText(text(left), text(right)));
  });
}

/** The next state when a heading is pressed: up, down, as the server gave it. */
export function nextSort(current: Sort | null, column: string): Sort | null {
  if (current?.column !== column) return { column, descending: false };
  return current.descending ? null : { column, descending: true };
}

function isNull(value: Cell): boolean {
  return value === null || value === undefined;
}

/** Integers beyond 2^53 come as text and must not lose their last digits. */
function compareNumbers(left: Cell, right: Cell): number {
  if (
    typeof left === 'string' &&
    typeof right === 'string' &&
    /^-?\d+$/.test(left) &&
    /^-?\d+$/.test(right)
  ) {
    const [a, b] = [BigInt(left), BigInt(right)];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return Number(left) - Number(right);
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function text(value: Cell): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
