import type { Cell, Row } from '$lib/api/types';

/** RFC 4180 CSV with CRLF. NULL is an empty field, the empty string is `""`, so that the two differ. */
export function toCsv(columns: { name: string }[], rows: Row[]): string {
  const lines = [columns.map((column) => quote(column.name)), ...rows.map((row) => row.map(field))];
  return lines.map((line) => line.join(',') + '\r\n').join('');
}

/** A JSON array with an object for each row; of columns with the same name the last one wins, as JSON has it. */
export function toJson(columns: { name: string }[], rows: Row[]): string {
  const objects = rows.map((row) =>
    Object.fromEntries(columns.map((column, i) => [column.name, row[i] ?? null])),
  );
  return JSON.stringify(objects, null, 2);
}

function field(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value === '' ? '""' : quote(value);
  return quote(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
