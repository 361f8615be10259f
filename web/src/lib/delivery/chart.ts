import type { SqlResult } from '$lib/api/types';
import type { ChartData } from '$lib/explore/chart';
import { objects } from '$lib/explore/objects';
import { STEPS } from './query';

const DAY = 86_400;

export type DayLine = { column: string; label: string; colour?: string };

/** A unit in which lengths of time are easy to read beside an axis. */
export type TimeUnit = { seconds: number; short: string };

const UNITS: TimeUnit[] = [
  { seconds: DAY, short: 'd' },
  { seconds: 3_600, short: 'h' },
  { seconds: 60, short: 'min' },
  { seconds: 1, short: 's' },
];

/** The largest unit of which the longest of them is at least two. */
export function unitFor(seconds: number): TimeUnit {
  return UNITS.find((unit) => seconds >= 2 * unit.seconds) ?? UNITS[UNITS.length - 1]!;
}

/** The greatest number of some columns; nought where there is none. */
export function greatest(result: SqlResult, columns: string[]): number {
  const values = objects(result).flatMap((row) => columns.map((column) => Number(row[column] ?? 0)));
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/**
 * The rows of a result by day as lines, with every day of the range: a day without a row is one on which there was `missing`. Values
 * are divided by `scale`.
 */
export function dayData(
  result: SqlResult,
  lines: DayLine[],
  {
    days,
    now,
    missing = null,
    scale = 1,
  }: { days: number; now: number; missing?: number | null; scale?: number },
): ChartData {
  const rows = new Map(objects(result).map((row) => [dayOf(String(row.day)), row]));
  const last = Math.floor(now / 1_000 / DAY);
  const x = Array.from({ length: days + 1 }, (_, i) => (last - days + i) * DAY);
  return {
    xKind: 'time',
    x,
    categories: [],
    lines: lines.map(({ column, label, colour }) => ({
      label,
      ...(colour ? { colour } : {}),
      values: x.map((day) => {
        const value = rows.get(day)?.[column];
        return value === null || value === undefined ? missing : Number(value) / scale;
      }),
    })),
    hidden: 0,
  };
}

/** How many changes took how long, with every step, those in which there is none too. */
export function distributionData(result: SqlResult): ChartData {
  const counts = new Map(objects(result).map((row) => [String(row.took), Number(row.changes)]));
  return {
    xKind: 'category',
    x: STEPS.map((_, i) => i),
    categories: STEPS.map(({ text }) => text),
    lines: [{ label: 'changes', values: STEPS.map(({ text }) => counts.get(text) ?? 0) }],
    hidden: 0,
  };
}

/** A share of 0 to 1 in percent, without a false precision. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 1) return '< 1%';
  return percent > 99 && percent < 100 ? '> 99%' : `${Math.round(percent)}%`;
}

/** The second at which the UTC day of a time begins. */
function dayOf(time: string): number {
  return Math.floor(Date.parse(time) / 1_000 / DAY) * DAY;
}
