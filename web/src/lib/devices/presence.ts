import type { Thing } from '$lib/api/things';

/** Whether a device is there. What nothing certain is known of is `unknown`, and never counts as there. */
export const STATES = ['connected', 'gone', 'unknown', 'never'] as const;
export type State = (typeof STATES)[number];

/** What a connection was last heard to be. */
export type Sign = {
  thing: string;
  client: string;
  connected: boolean;
  /** Why it is gone. */
  reason: string;
  time: string;
  /** Its place in the log, which orders signs even where clocks do not. */
  place: number;
};

/** What was heard so far: of each device the last sign of each of its connections, and its last message. */
export type Heard = {
  signs: ReadonlyMap<string, ReadonlyMap<string, Sign>>;
  messages: ReadonlyMap<string, string>;
  /** When the platform started: no connection is older. */
  started: string;
};

export const NOTHING: Heard = { signs: new Map(), messages: new Map(), started: '' };

/** How a device stands. */
export type Standing = {
  state: State;
  /** Since when it is so, where that is known. */
  since: string | null;
  /** Why it is gone. */
  reason: string;
  /** The last sign of life, whatever it was. */
  seen: string | null;
  /** Its last message. */
  message: string | null;
};

const BLIND: Standing = { state: 'unknown', since: null, reason: '', seen: null, message: null };

/** Adds what was heard since. The same heard twice changes nothing. */
export function hear(
  before: Heard,
  news: { signs: Sign[]; messages: { thing: string; time: string }[]; started: string },
): Heard {
  const signs = new Map(before.signs);
  for (const sign of news.signs) {
    const known = new Map(signs.get(sign.thing));
    if ((known.get(sign.client)?.place ?? -1) <= sign.place) known.set(sign.client, sign);
    signs.set(sign.thing, known);
  }
  const messages = new Map(before.messages);
  for (const { thing, time } of news.messages) {
    if (at(messages.get(thing)) <= at(time)) messages.set(thing, time);
  }
  return { signs, messages, started: news.started };
}

/** How a device stands by what was heard; null is that nobody could ask. */
export function standingOf(thing: Pick<Thing, 'name' | 'created'>, heard: Heard | null): Standing {
  if (!heard) return BLIND;
  // What was heard before belongs to a device of the same name that is not there any more.
  const own = (time: string) => at(time) >= at(thing.created);
  const signs = [...(heard.signs.get(thing.name)?.values() ?? [])].filter((sign) => own(sign.time));
  const said = heard.messages.get(thing.name);
  const message = said !== undefined && own(said) ? said : null;
  const last = signs.reduce<Sign | null>((a, b) => (a && a.place > b.place ? a : b), null);
  const seen = at(last?.time) >= at(message) ? (last?.time ?? null) : message;
  const known = { seen, message, reason: '', since: null };

  // A connection does not outlive the platform, which does not always come to say that it ended.
  const open = signs.filter((sign) => sign.connected && at(sign.time) >= at(heard.started));
  if (open.length > 0) {
    const since = open.reduce((a, b) => (at(a.time) <= at(b.time) ? a : b)).time;
    return { ...known, state: 'connected', since };
  }
  if (last && !last.connected) return { ...known, state: 'gone', since: last.time, reason: last.reason };
  // It connected longer ago than was asked for, and has not gone since.
  if (!last && message && at(message) >= at(heard.started)) return { ...known, state: 'connected' };
  return { ...known, state: seen ? 'unknown' : 'never' };
}

/** A time in ms; of nothing, before all others. */
function at(time: string | null | undefined): number {
  const value = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(value) ? -Infinity : value;
}
