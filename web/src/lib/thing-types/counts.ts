import { newQueryId, runSql } from '$lib/api/sql';
import { literal } from '$lib/explore/identifier';
import { objects, text } from '$lib/explore/objects';

/** How many devices there are of each kind. */
export const COUNTS_QUERY = `SELECT kind, count(*) AS devices
FROM things
GROUP BY kind
ORDER BY kind`;
const MOST_KINDS = 10_000;

export type Counts = ReadonlyMap<string, number>;

export async function readCounts(): Promise<Counts> {
  const rows = objects(await runSql(COUNTS_QUERY, MOST_KINDS, newQueryId()));
  return new Map(rows.map((row) => [text(row.kind), Number(row.devices)]));
}

/** The devices of a kind. */
export function devicesQuery(kind: string): string {
  return `SELECT thing, attributes, connected, created
FROM things
WHERE kind = ${literal(kind)}
ORDER BY thing`;
}

/** Kinds that devices have and nobody wrote a type for. */
export function untyped(counts: Counts, names: string[]): { kind: string; devices: number }[] {
  const typed = new Set(names);
  return [...counts]
    .filter(([kind]) => kind !== '' && !typed.has(kind))
    .map(([kind, devices]) => ({ kind, devices }));
}
