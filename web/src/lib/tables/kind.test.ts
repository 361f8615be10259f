import { expect, it } from 'vitest';
import type { Table } from '$lib/api/types';
import { followsLog, kindOf, newestRows } from './kind';

const table = (name: string, columns: string[]) =>
  ({ name, columns: columns.map((column) => ({ name: column })) }) as unknown as Table;

it('orders by what says of when a row is', () => {
  expect(newestRows(table('events', ['offset', 'time', 'day']))).toBe(
    'SELECT *\nFROM events\nORDER BY time DESC',
  );
  expect(newestRows(table('task_cost', ['day', 'task']))).toBe('SELECT *\nFROM task_cost\nORDER BY day DESC');
  expect(newestRows(table('Groups', ['name']))).toBe('SELECT *\nFROM "Groups"');
});

it('says what a table is', () => {
  expect(kindOf({ kind: 'view', event_type: null })).toBe('view');
  expect(kindOf({ kind: 'present', event_type: null })).toBe('as it is now');
  expect(kindOf({ kind: 'built_in', event_type: 'a.b' })).toBe('a.b');
  expect(kindOf({ kind: 'built_in', event_type: null })).toBe('built in');
});

it('follows only what the log fills', () => {
  expect(['built_in', 'event_type', 'present', 'view'].filter((kind) => followsLog({ kind }))).toEqual([
    'built_in',
    'event_type',
  ]);
});
