import { call, part } from './call';
import type { JsonObject } from './things';

/** A type of devices: those whose kind is its name. */
export type ThingType = {
  name: string;
  description: string;
  /** What its devices report in their classic twin, as JSON Schema 2020-12. */
  reported: JsonObject | null;
  /** What attributes its devices must have, as JSON Schema 2020-12. */
  attributes: JsonObject | null;
  /** Bytes that a twin of its devices may have. */
  shadow_bytes: number;
  /** When it was last written. */
  changed: string;
};

export type NewThingType = {
  description: string;
  reported: JsonObject | null;
  attributes: JsonObject | null;
  shadow_bytes: number | null;
};

export const thingTypes = {
  /** All types in the order of their names. */
  all: async () => (await call<{ types: ThingType[] }>('GET', '/v1/thing-types')).types,
  read: (name: string) => call<ThingType>('GET', typePath(name)),
  /** Writes a type as a whole, in place of the one that has the name. */
  write: (name: string, type: NewThingType) => call<ThingType>('PUT', typePath(name), type),
  /** Its devices stay; their kind is a mere word from then on. */
  remove: (name: string) => call<void>('DELETE', typePath(name)),
};

function typePath(name: string): string {
  return `/v1/thing-types/${part(name)}`;
}
