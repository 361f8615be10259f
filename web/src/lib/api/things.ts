import { answer, client } from './client';
import { call, part } from './call';
import { Failure } from './failure';

/** An object of JSON, whatever is in it. */
export type JsonObject = Record<string, unknown>;

export type Thing = { name: string; kind: string; attributes: JsonObject; created: string };
/** What changes of a device; an attribute that is null goes. */
export type ThingChange = { kind?: string; attributes?: JsonObject };
export type NewThing = { name: string; kind: string; attributes: JsonObject };

/** A twin as it is; sections that are empty are left out. */
export type Twin = {
  state: { desired?: JsonObject; reported?: JsonObject; delta?: JsonObject };
  metadata: { desired?: JsonObject; reported?: JsonObject };
  version: number;
  /** Seconds since the epoch. */
  timestamp: number;
};

/** What the platform says of itself that matters to devices: since when it runs, and where its broker listens. */
export type Platform = { started: string; listeners: { name: string; address: string }[] };

/** The most that a list holds; beyond it names are looked up, not listed. */
export const MOST_THINGS = 5_000;
const AT_ONCE = 1_000;

export const things = {
  /** All devices in the order of their names, at most {@link MOST_THINGS}; `more` tells that there are others. */
  async all(): Promise<{ list: Thing[]; more: boolean }> {
    const list: Thing[] = [];
    for (;;) {
      const query = new URLSearchParams({ after: list.at(-1)?.name ?? '', limit: String(AT_ONCE) });
      const found = (await call<{ things: Thing[] }>('GET', `/v1/things?${query}`)).things;
      list.push(...found);
      if (found.length < AT_ONCE) return { list, more: false };
      if (list.length >= MOST_THINGS) return { list, more: true };
    }
  },
  read: (name: string) => call<Thing>('GET', `/v1/things/${part(name)}`),
  /** Makes a device; its secret is shown this once. */
  create: (thing: NewThing) => call<{ thing: Thing; secret: string }>('POST', '/v1/things', thing),
  change: (name: string, change: ThingChange) => call<Thing>('PATCH', `/v1/things/${part(name)}`, change),
  remove: (name: string) => call<void>('DELETE', `/v1/things/${part(name)}`),
  /** A new secret, shown this once; the old one ends. */
  renew: async (name: string) =>
    (await call<{ secret: string }>('POST', `/v1/things/${part(name)}/secret`)).secret,
};

export const twins = {
  /** The names of a device's shadows; that of the classic one is empty. */
  list: async (thing: string) =>
    (await call<{ shadows: string[] }>('GET', `/v1/things/${part(thing)}/twins`)).shadows,
  /** A twin, or null where nobody has written it yet. */
  async read(thing: string, shadow: string): Promise<Twin | null> {
    try {
      return await call<Twin>('GET', twinPath(thing, shadow));
    } catch (error) {
      if (error instanceof Failure && error.code === 'TL-FLEET-004') return null;
      throw error;
    }
  },
  /** Unites `desired` with what is wanted; what is null goes. Refused with 409 where the twin has another version; 0 is none. */
  want: (thing: string, shadow: string, desired: JsonObject, version: number) =>
    call<{ version: number }>('POST', twinPath(thing, shadow), { state: { desired }, version }),
  remove: (thing: string, shadow: string) => call<unknown>('DELETE', twinPath(thing, shadow)),
};

export const platform = {
  read: (): Promise<Platform> => answer(client.GET('/v1/system')),
};

function twinPath(thing: string, shadow: string): string {
  return `/v1/things/${part(thing)}/twin${shadow ? `?shadow=${part(shadow)}` : ''}`;
}
