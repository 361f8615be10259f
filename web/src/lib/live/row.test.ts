import { expect, it } from 'vitest';
import { findInSql, summarise } from './row';
import { liveLink, readFilter } from './view';

const row = (table: string, values: Record<string, unknown>) => ({
  offset: 12,
  received: '',
  table,
  row: values,
});

it('puts the telling columns first and leaves out what is empty', () => {
  const line = summarise(
    row('logs', {
      offset: 12,
      service: 'shop',
      severity: 'error',
      body: 'no',
      scope: null,
      attributes: {},
      extra: 1,
    }),
  );
  expect(line).toBe('error  shop  no  extra=1');
});

it('cuts a long row', () => {
  expect(summarise(row('events', { data: 'x'.repeat(900) }))).toHaveLength(401);
});

it('finds the row again by its offset and day', () => {
  expect(findInSql(row('logs', { day: '2026-11-24' }))).toBe(
    `SELECT *\nFROM logs\nWHERE "offset" = 12 AND day = DATE '2026-11-24'`,
  );
  expect(findInSql(row('Odd "name"', {}))).toBe(`SELECT *\nFROM "Odd ""name"""\nWHERE "offset" = 12`);
});

it('keeps the filters in the link', () => {
  const filter = readFilter(new URLSearchParams('table=logs,events,logs,&contains=a%26b'));
  expect(filter).toEqual({ tables: ['events', 'logs'], contains: 'a&b' });
  expect(readFilter(new URL(liveLink(filter), 'http://host').searchParams)).toEqual(filter);
  expect(liveLink({ tables: [], contains: '' })).toBe('/live');
});
