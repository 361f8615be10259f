import { platform, type Platform } from '$lib/api/things';
import { newQueryId, runSql } from '$lib/api/sql';
import { objects, text } from '$lib/explore/objects';
import { Loaded } from '$lib/state/loaded.svelte';
import { brokerOf, type Broker } from './command';
import { hear, NOTHING, type Heard, type Sign } from './presence';
import { CONNECTED, lastMessagesQuery, signsQuery } from './query';

/** What is known of who is there, and where the broker listens. */
export type Watched = { heard: Heard; broker: Broker | null };

/** How often pages of devices ask again, in ms. */
export const EVERY = 5_000;
const MOST_ROWS = 100_000;

/**
 * Watches the connections and messages of all devices or of one. Only the first question looks back; each later one reads on from the
 * place in the log that the one before had seen.
 */
export function watchDevices(thing: string | null): Loaded<Watched> {
  let heard = NOTHING;
  let places = { signs: null as number | null, messages: null as number | null };
  return new Loaded(async () => {
    const [system, signs, messages] = await Promise.all([
      platform.read(),
      runSql(signsQuery(thing, places.signs), MOST_ROWS, newQueryId()),
      runSql(lastMessagesQuery(thing, places.messages), MOST_ROWS, newQueryId()),
    ]);
    heard = hear(heard, {
      signs: objects(signs).map(signFrom),
      messages: objects(messages).map((row) => ({ thing: text(row.thing), time: text(row.time) })),
      started: system.started,
    });
    places = { signs: signs.visible_offset, messages: messages.visible_offset };
    return { heard, broker: brokerHere(system) };
  });
}

function signFrom(row: Record<string, unknown>): Sign {
  return {
    thing: text(row.thing),
    client: text(row.client),
    connected: row.type === CONNECTED,
    reason: text(row.reason),
    time: text(row.time),
    place: Number(row.place),
  };
}

function brokerHere(system: Platform): Broker | null {
  return brokerOf(system.listeners, location.hostname);
}
