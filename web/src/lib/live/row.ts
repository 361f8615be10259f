import type { TailRow } from '$lib/api/types';
import { identifier, literal } from '$lib/explore/identifier';

const QUIET = new Set([
  'offset',
  'day',
  'time',
  'received',
  'resource',
  'trace_id',
  'span_id',
  'parent_span_id',
]);
const LONGEST = 400;

/** One line that says what a row is: for the table's main columns the values alone, then the rest as `name=value`. */
export function summarise(row: TailRow): string {
  const lead = LEAD[row.table] ?? LEAD.events!;
  const head = lead.map((name) => show(row.row[name])).filter((text) => text !== '');
  const rest = Object.entries(row.row)
    .filter(([name, value]) => !lead.includes(name) && !QUIET.has(name) && show(value) !== '')
    .map(([name, value]) => `${name}=${show(value)}`);
  const text = [...head, ...rest].join('  ');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** The statement that finds a row again; the day lets the lake read one partition only. */
export function findInSql(row: TailRow): string {
  const conditions = [`${identifier('offset')} = ${row.offset}`];
  const day = row.row['day'];
  if (typeof day === 'string') conditions.push(`day = DATE ${literal(day.slice(0, 10))}`);
  return `SELECT *\nFROM ${identifier(row.table)}\nWHERE ${conditions.join(' AND ')}`;
}

const LEAD: Record<string, string[]> = {
  events: ['type', 'subject', 'source', 'data'],
  logs: ['severity', 'service', 'body'],
  metrics: ['name', 'value', 'unit', 'service'],
  spans: ['service', 'name', 'duration_us', 'status'],
  commits: ['repository', 'hash', 'author', 'title'],
  telemetry: ['device_id', 'metric', 'value'],
  dead_letters: ['protocol', 'code', 'detail'],
};

function show(value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? '' : JSON.stringify(value);
  return String(value);
}
