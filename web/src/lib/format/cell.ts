import type { Cell, ResultColumn } from '$lib/api/types';
import type { Zone } from '$lib/state/preferences.svelte';
import { formatTime } from './time';

/** The text of a cell in a result table. NULL is shown apart, by the caller. */
export function formatCell(value: Cell, type: ResultColumn['type'] | string, zone: Zone): string {
  if (value === null || value === undefined) return 'NULL';
  if (type === 'timestamp' && typeof value === 'string') return formatTime(value, zone);
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** Whether values of the type line up at the right. */
export function isNumeric(type: string): boolean {
  return type === 'integer' || type === 'float';
}
