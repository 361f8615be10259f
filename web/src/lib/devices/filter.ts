import type { Thing } from '$lib/api/things';
import { STATES, type Standing, type State } from './presence';

export const VIEWS = ['list', 'map'] as const;
export type View = (typeof VIEWS)[number];

/** What the list of devices shows. */
export type DeviceFilter = {
  /** A part of the name. */
  q: string;
  /** Null is any; devices of no kind have the empty one. */
  kind: string | null;
  state: State | 'all';
  /** Null is any; the empty one is that it is in none. */
  group: string | null;
  /** The list of devices, or the map of their groups. */
  view: View;
  /** The name after which the page begins. */
  after: string;
};
export type Device = { thing: Thing; standing: Standing };

export const PAGE = 50;

/** Reads a filter from a URL's parameters; what it does not understand falls back to the default. */
export function readFilter(parameters: URLSearchParams): DeviceFilter {
  const state = parameters.get('state');
  return {
    q: parameters.get('q') ?? '',
    kind: parameters.get('kind'),
    state: STATES.find((one) => one === state) ?? 'all',
    group: parameters.get('group'),
    view: parameters.get('view') === 'map' ? 'map' : 'list',
    after: parameters.get('after') ?? '',
  };
}

/** The link to a filter, without what is the default. */
export function devicesLink(part: Partial<DeviceFilter>, creating = false): string {
  const parameters = new URLSearchParams();
  if (part.q) parameters.set('q', part.q);
  if (part.kind != null) parameters.set('kind', part.kind);
  if (part.state && part.state !== 'all') parameters.set('state', part.state);
  if (part.group != null) parameters.set('group', part.group);
  if (part.view === 'map') parameters.set('view', part.view);
  if (part.after) parameters.set('after', part.after);
  if (creating) parameters.set('create', 'device');
  const text = parameters.toString();
  return text ? `/devices?${text}` : '/devices';
}

/** The devices that fit by name, kind and group; their states are counted before the filter by state. `members` are those of the group. */
export function fitting(
  devices: Device[],
  filter: Pick<DeviceFilter, 'q' | 'kind'>,
  members: ReadonlySet<string> | null = null,
): Device[] {
  const wanted = filter.q.trim().toLowerCase();
  return devices.filter(
    ({ thing }) =>
      thing.name.toLowerCase().includes(wanted) &&
      (filter.kind === null || thing.kind === filter.kind) &&
      (members === null || members.has(thing.name)),
  );
}

/** How many devices there are of each state. */
export function countStates(devices: Device[]): Record<State, number> {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;
  for (const { standing } of devices) counts[standing.state] += 1;
  return counts;
}

/** One page of a list in the order of names: what it shows, and after which names the pages beside it begin; null is no such page. */
export function pageOf(
  devices: Device[],
  after: string,
): { shown: Device[]; first: number; before: string | null; next: string | null } {
  const found = after ? devices.findIndex(({ thing }) => thing.name > after) : 0;
  // The last names may be gone since the link was made.
  const first = found < 0 ? Math.max(0, devices.length - PAGE) : found;
  const shown = devices.slice(first, first + PAGE);
  const name = (at: number) => devices[at]?.thing.name ?? '';
  return {
    shown,
    first,
    before: first === 0 ? null : first <= PAGE ? '' : name(first - PAGE - 1),
    next: first + PAGE < devices.length ? name(first + PAGE - 1) : null,
  };
}

/** The kinds that there are, in order. */
export function kindsOf(things: Thing[]): string[] {
  return [...new Set(things.map((thing) => thing.kind))].sort();
}
