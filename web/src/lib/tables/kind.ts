import type { Table } from '$lib/api/types';
import { identifier } from '$lib/explore/identifier';

/** What a table is, in a word or two. */
export function kindOf(table: Pick<Table, 'kind' | 'event_type'>): string {
  if (table.kind === 'view') return 'view';
  if (table.kind === 'present') return 'as it is now';
  return table.event_type ?? 'built in';
}

/** Whether rows come to it from the log, so that there are files of it and something to follow. */
export function followsLog({ kind }: Pick<Table, 'kind'>): boolean {
  return kind !== 'view' && kind !== 'present';
}

/** Its rows, the newest first where it says of when they are. */
export function newestRows({ name, columns }: Pick<Table, 'name' | 'columns'>): string {
  const when = ['time', 'day'].find((column) => columns.some((one) => one.name === column));
  return `SELECT *\nFROM ${identifier(name)}${when ? `\nORDER BY ${when} DESC` : ''}`;
}
