import type { ChartData } from '$lib/explore/chart';
import { text } from '$lib/explore/objects';
import { isObject } from './document';

/** A message of a device. */
export type Message = {
  time: string;
  topic: string;
  payload: string;
  encoding: string;
  bytes: number;
  qos: number;
  retained: boolean;
  contentType: string;
  client: string;
  /** Its place in the log. */
  offset: number;
  day: string;
};

/** A number that payloads have at one place. */
export type NumericField = {
  /** The way to it; none where the payload itself is the number. */
  keys: string[];
  label: string;
  count: number;
  topics: string[];
};

/** Fields beyond these are not looked for: a payload can have any number. */
const MOST_FIELDS = 60;
const DEEPEST = 6;
/** Messages that are kept and drawn. */
export const MOST_MESSAGES = 500;

export function messagesFrom(rows: Record<string, unknown>[]): Message[] {
  return rows.map((row) => ({
    time: text(row.time),
    topic: text(row.topic),
    payload: text(row.payload),
    encoding: text(row.encoding),
    bytes: Number(row.bytes),
    qos: Number(row.qos),
    retained: row.retained === true,
    contentType: text(row.content_type),
    client: text(row.client),
    offset: Number(row.offset),
    day: text(row.day),
  }));
}

/** Puts newer messages before those that are there; one that comes twice stays one. */
export function withNewer(kept: Message[], newer: Message[]): Message[] {
  const newest = kept[0]?.offset ?? -1;
  return [...newer.filter((message) => message.offset > newest), ...kept].slice(0, MOST_MESSAGES);
}

/** The value of a payload, or undefined where it is not JSON. */
export function payloadValue(message: Pick<Message, 'payload' | 'encoding'>): unknown {
  if (message.encoding !== 'text') return undefined;
  try {
    return JSON.parse(message.payload) as unknown;
  } catch {
    return undefined;
  }
}

/** Finds the numbers in payloads, those that most messages have first. */
export function numericFields(messages: Message[]): NumericField[] {
  const found = new Map<string, { keys: string[]; count: number; topics: Set<string> }>();
  for (const message of messages) {
    for (const keys of numbersIn(payloadValue(message), [])) {
      const id = JSON.stringify(keys);
      let field = found.get(id);
      if (!field) {
        if (found.size >= MOST_FIELDS) continue;
        found.set(id, (field = { keys, count: 0, topics: new Set() }));
      }
      field.count += 1;
      field.topics.add(message.topic);
    }
  }
  return [...found.values()]
    .map(({ keys, count, topics }) => ({
      keys,
      count,
      label: keys.length === 0 ? 'value' : keys.join('.'),
      topics: [...topics].sort(),
    }))
    .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
}

/** A field as a chart over time, with a line for each topic that has it. */
export function fieldChart(messages: Message[], field: NumericField): ChartData {
  const lines = new Map<string, Map<number, number>>(field.topics.map((topic) => [topic, new Map()]));
  const places = new Set<number>();
  for (const message of messages) {
    const value = numberAt(payloadValue(message), field.keys);
    const x = secondsOf(message.time);
    const line = lines.get(message.topic);
    // Of two that came at the very same time the newer one counts, which stands first.
    if (value === null || Number.isNaN(x) || !line || line.has(x)) continue;
    places.add(x);
    line.set(x, value);
  }
  const x = [...places].sort((a, b) => a - b);
  return {
    xKind: 'time',
    x,
    categories: [],
    lines: [...lines].map(([topic, values]) => ({
      label: lines.size === 1 ? field.label : topic,
      values: x.map((at) => values.get(at) ?? null),
    })),
    hidden: 0,
  };
}

/** A time in seconds since the epoch, with the microseconds that a date of the browser leaves out. */
function secondsOf(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '0';
  return Math.floor(Date.parse(time) / 1_000) + Number(`0.${fraction}`);
}

function numbersIn(value: unknown, keys: string[]): string[][] {
  if (typeof value === 'number') return [keys];
  if (!isObject(value) || keys.length >= DEEPEST) return [];
  return Object.entries(value).flatMap(([name, inner]) => numbersIn(inner, [...keys, name]));
}

function numberAt(value: unknown, keys: string[]): number | null {
  let at = value;
  for (const key of keys) at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  return typeof at === 'number' && Number.isFinite(at) ? at : null;
}
