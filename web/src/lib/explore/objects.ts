import type { SqlResult } from '$lib/api/types';

/** The rows of a result as objects by column. */
export function objects(result: SqlResult): Record<string, unknown>[] {
  return result.rows.map((row) =>
    Object.fromEntries(result.columns.map((column, at) => [column.name, row[at]])),
  );
}

/** A cell as text; NULL and what is missing are empty. */
export function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
