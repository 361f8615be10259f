import type { ResultColumn, Row } from '$lib/api/types';

export type ChartKind = 'line' | 'bar' | 'points';

/** Which columns a chart draws, by name. */
export type ChartChoice = { kind: ChartKind; x: string; y: string[]; series: string | null };

/** Numbers in the shape that the chart draws: shared x values, and a row of y values for each line. */
export type ChartData = {
  xKind: 'time' | 'number' | 'category';
  /** Seconds since the epoch, numbers, or places in `categories`. */
  x: number[];
  categories: string[];
  lines: {
    label: string;
    values: (number | null)[];
    /** The token of its colour, such as `--ok`, where it means something; else the colours of series come one after the other. */
    colour?: string;
  }[];
  /** How many lines were left out because a chart with more cannot be read. */
  hidden: number;
  /** Places of x at which something happened; each is a line with its number, counted from 1. */
  marks?: number[];
};

/** More lines than this cannot be told apart. */
export const MAX_LINES = 12;
/** A string column with more values than this is not offered as series by itself. */
const MAX_SERIES_VALUES = 24;
const MAX_CATEGORIES = 60;

/** Chooses a chart for a result: a timestamp as x, a number as y, a string with few values as series; null if none fits. */
export function chooseChart(columns: ResultColumn[], rows: Row[]): ChartChoice | null {
  if (rows.length === 0) return null;
  const numbers = columns.filter((column) => isNumber(column.type));
  const time = columns.find((column) => column.type === 'timestamp' || column.type === 'date');
  const strings = columns.filter((column) => column.type === 'string');
  const category = strings.find((column) => distinct(columns, rows, column.name) === rows.length);
  // A name that stands before the time is what the rows are about: `service, errors, latest` is a ranking, not a history.
  const ranking = category && (!time || columns.indexOf(category) < columns.indexOf(time));
  if (ranking && numbers[0] && rows.length <= MAX_CATEGORIES) {
    return { kind: 'bar', x: category.name, y: [numbers[0].name], series: null };
  }
  if (time) {
    const y = numbers.filter((column) => column.name !== 'offset');
    if (y.length === 0 || rows.length < 2) return null;
    const series = seriesFor(columns, rows, strings, time.name);
    return {
      kind: 'line',
      x: time.name,
      y: series ? [y[0]!.name] : y.slice(0, 4).map((column) => column.name),
      series,
    };
  }
  if (numbers.length >= 2 && rows.length >= 2) {
    return { kind: 'points', x: numbers[0]!.name, y: [numbers[1]!.name], series: null };
  }
  return null;
}

/** Whether the columns of a choice are in the result; a URL may name columns that are gone. */
export function fits(choice: ChartChoice, columns: ResultColumn[]): boolean {
  const has = (name: string) => columns.some((column) => column.name === name);
  return (
    has(choice.x) && choice.y.length > 0 && choice.y.every(has) && (!choice.series || has(choice.series))
  );
}

/** Brings rows into chart shape: sorted by x, one line for each y column and series value, gaps as null. */
export function chartData(choice: ChartChoice, columns: ResultColumn[], rows: Row[]): ChartData {
  const place = (name: string) => columns.findIndex((column) => column.name === name);
  const xPlace = place(choice.x);
  const xKind = kindOf(columns[xPlace]?.type ?? 'string');
  const categories = xKind === 'category' ? unique(rows.map((row) => label(row[xPlace]))) : [];
  const categoryPlace = new Map(categories.map((name, index) => [name, index]));
  const toX = (row: Row) =>
    xKind === 'category' ? (categoryPlace.get(label(row[xPlace])) ?? null) : number(row[xPlace], xKind);
  const seriesPlace = choice.series ? place(choice.series) : -1;

  const lines = new Map<string, Map<number, number | null>>();
  const xs = new Set<number>();
  for (const row of rows) {
    const x = toX(row);
    if (x === null) continue;
    xs.add(x);
    for (const y of choice.y) {
      const name = lineName(y, seriesPlace < 0 ? null : label(row[seriesPlace]), choice.y.length);
      let line = lines.get(name);
      if (!line) lines.set(name, (line = new Map()));
      line.set(x, number(row[place(y)], 'number'));
    }
  }
  const x = [...xs].sort((a, b) => a - b);
  const kept = [...lines].slice(0, MAX_LINES);
  return {
    xKind,
    x,
    categories,
    lines: kept.map(([name, values]) => ({ label: name, values: x.map((at) => values.get(at) ?? null) })),
    hidden: lines.size - kept.length,
  };
}

/** One sentence that says what a chart shows, for people who do not see it. */
export function describeChart(choice: ChartChoice, data: ChartData): string {
  const values = data.lines.flatMap((line) => line.values.filter((value) => value !== null));
  if (values.length === 0) return `A chart of ${choice.y.join(', ')} over ${choice.x} without values.`;
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const lines = data.lines.length === 1 ? 'one series' : `${data.lines.length} series`;
  return `A ${choice.kind} chart of ${choice.y.join(', ')} over ${choice.x}: ${lines}, ${data.x.length} places, from ${low} to ${high}.`;
}

function seriesFor(columns: ResultColumn[], rows: Row[], strings: ResultColumn[], x: string): string | null {
  // A series is needed only where several rows share an x.
  if (distinct(columns, rows, x) === rows.length) return null;
  const candidates = strings
    .map((column) => ({ name: column.name, values: distinct(columns, rows, column.name) }))
    .filter(({ values }) => values >= 2 && values <= MAX_SERIES_VALUES)
    .sort((a, b) => a.values - b.values);
  return candidates[0]?.name ?? null;
}

function distinct(columns: ResultColumn[], rows: Row[], name: string): number {
  const at = columns.findIndex((column) => column.name === name);
  return new Set(rows.map((row) => row[at])).size;
}

function lineName(y: string, series: string | null, ys: number): string {
  if (series === null) return y;
  return ys === 1 ? series : `${series} · ${y}`;
}

function kindOf(type: string): ChartData['xKind'] {
  if (type === 'timestamp' || type === 'date') return 'time';
  return isNumber(type) ? 'number' : 'category';
}

function isNumber(type: string): boolean {
  return type === 'integer' || type === 'float';
}

function number(value: unknown, kind: 'time' | 'number'): number | null {
  if (value === null || value === undefined || value === '') return null;
  const result = kind === 'time' ? Date.parse(String(value)) / 1_000 : Number(value);
  return Number.isFinite(result) ? result : null;
}

function label(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function unique(values: string[]): string[] {
  return [...new Set(values)];
}
