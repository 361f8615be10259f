import type { Reach, Relation } from '$lib/api/relations';
import { plural } from '$lib/format/number';

/** Which way a relation leads, seen from a device. */
export const DIRECTIONS = ['outgoing', 'incoming'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** What somebody typed into the form. */
export type RelationDraft = {
  direction: Direction;
  kind: string;
  /** Whether the other end is a device or a place. */
  sort: 'thing' | 'place';
  /** The name of the device, or the place as it is written: `SORT:NAME`. */
  end: string;
};

/** The end that a device is. */
export function thingEnd(name: string): string {
  return `thing:${name}`;
}

/** The name of the device that an end is; null where it is a place. */
export function thingOf(end: string): string | null {
  return end.startsWith('thing:') ? end.slice('thing:'.length) : null;
}

/** A relation of a device, by its other end. */
export function relationOf(
  thing: string,
  direction: Direction,
  { kind, end }: { kind: string; end: string },
): Relation {
  const own = thingEnd(thing);
  return direction === 'outgoing' ? { from: own, kind, to: end } : { from: end, kind, to: own };
}

/** The relation that a draft asks for, or what is wrong with it; neither while something is missing. */
export function readDraft(
  thing: string,
  draft: RelationDraft,
): { relation: Relation | null; mistake: string | null } {
  const kind = draft.kind.trim();
  const name = draft.end.trim();
  const mistake = name === '' ? null : mistakeIn(thing, draft.sort, name);
  const ready = mistake === null && name !== '' && /^[a-zA-Z0-9_.-]{1,64}$/.test(kind);
  const end = draft.sort === 'thing' ? thingEnd(name) : name;
  return { relation: ready ? relationOf(thing, draft.direction, { kind, end }) : null, mistake };
}

/** How much hangs off a device, in words; how far it is is known only where all of it is shown. */
export function reachText({ total, complete, ends }: Reach): string {
  const count = `${complete ? '' : 'at least '}${plural(total, 'device or place', 'devices and places')}`;
  const farthest = ends.reduce((most, { distance }) => Math.max(most, distance), 0);
  return complete && ends.length === total ? `${count}, over at most ${plural(farthest, 'step')}` : count;
}

function mistakeIn(thing: string, sort: RelationDraft['sort'], name: string): string | null {
  if (sort === 'place') {
    const fits = /^[a-z0-9-]{1,32}:[a-zA-Z0-9:_.-]{1,128}$/.test(name) && thingOf(name) === null;
    return fits ? null : 'A place has a sort and a name, such as place:cellar.';
  }
  if (name === thing) return 'A device cannot be related to itself.';
  return /^[a-zA-Z0-9:_-]{1,128}$/.test(name) ? null : 'A name has letters, digits, :, _ and -.';
}
