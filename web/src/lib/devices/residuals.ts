import type { JsonObject } from '$lib/api/things';
import { literal } from '$lib/explore/identifier';
import { text } from '$lib/explore/objects';

/** A part of what a device reported, beside what the behaviour model of its kind expected. */
export type Residual = {
  field: string;
  kind: string;
  reported: number;
  expected: number;
  /** How much more was reported than expected. */
  residual: number;
  /** When the report before was made, from which the model went on. */
  since: string;
  /** When this report was made. */
  changed: string;
};

/** What the model of a device's kind says of its last report. No row is that there is no model, or nothing was reported twice yet. */
export function residualsQuery(thing: string): string {
  return `SELECT field, kind, reported, expected, residual, since, changed
FROM residuals
WHERE thing = ${literal(thing)}
ORDER BY field`;
}

export function residualsFrom(rows: Record<string, unknown>[]): Residual[] {
  return rows.map((row) => ({
    field: text(row.field),
    kind: text(row.kind),
    reported: Number(row.reported),
    expected: Number(row.expected),
    residual: Number(row.residual),
    since: text(row.since),
    changed: text(row.changed),
  }));
}

/** A number of the table as people read it: models count in binary, which leaves long tails. */
export function numberText(value: number): string {
  return Number(value.toPrecision(6)).toString();
}

/** How far off the report was, with its sign. */
export function residualText(value: number): string {
  const said = numberText(value);
  return value > 0 ? `+${said}` : said === '-0' ? '0' : said;
}

/** What the device said. The table has truth and states as numbers; the twin has the words, which stand before them. */
export function reportedText({ field, reported }: Residual, twin: JsonObject): string {
  const said = Object.hasOwn(twin, field) ? twin[field] : undefined;
  const number = numberText(reported);
  return typeof said === 'string' || typeof said === 'boolean' ? `${said} (${number})` : number;
}
