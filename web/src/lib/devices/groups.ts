import { Failure, toFailure } from '$lib/api/failure';
import { groups as api, type Group } from '$lib/api/groups';
import type { Device } from './filter';

/** The groups, and who is in those that were asked about; where that could not be told, why. */
export type Grouped = {
  groups: Group[];
  members: ReadonlyMap<string, string[] | Failure>;
  /** Whether all groups were asked about, as far as the map shows them. */
  whole: boolean;
};

/** Groups beyond these are not on the map: each is asked for by itself. */
export const MOST_GROUPS = 200;
/** Groups that are asked about at the same time. */
const SIDE_BY_SIDE = 6;

const UNTOLD = new Failure(
  'It cannot be told which devices are in no group',
  'Not all groups could be read, or there are too many of them.',
);

/** Which members are wanted: of all groups on the map, of one, or of none. */
export type Wanted = { of: 'all' } | { of: 'one'; group: string } | { of: 'none' };

/** What a filter by group needs; devices of no group can only be told by all of them. */
export function wantedFor(group: string | null, map: boolean): Wanted {
  if (map || group === '') return { of: 'all' };
  return group === null ? { of: 'none' } : { of: 'one', group };
}

/** Asks for the groups and the members that are wanted. A group that cannot be read, such as by a broken statement, hides no other. */
export async function readGroups(wanted: Wanted): Promise<Grouped> {
  const groups = await api.all();
  const names =
    wanted.of === 'one'
      ? [wanted.group]
      : wanted.of === 'all'
        ? inTree(groups)
            .slice(0, MOST_GROUPS)
            .map(({ name }) => name)
        : [];
  const members = new Map<string, string[] | Failure>();
  const waiting = [...names];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      members.set(name, await api.things(name).catch(toFailure));
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return { groups, members, whole: wanted.of === 'all' };
}

/** The groups as the tree that they are: each stands before its parts, and what stands side by side by name. */
export function inTree(groups: Group[]): Group[] {
  const names = new Set(groups.map(({ name }) => name));
  const parts = new Map<string | null, Group[]>();
  for (const group of groups) {
    const parent = group.parent !== null && names.has(group.parent) ? group.parent : null;
    parts.set(parent, [...(parts.get(parent) ?? []), group]);
  }
  const below = (name: string | null): Group[] =>
    (parts.get(name) ?? [])
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((group) => [group, ...below(group.name)]);
  return below(null);
}

/** The names of the devices of a group; of the empty one, those that no group has. Undefined is that it was not asked about yet. */
export function namesIn(
  grouped: Grouped,
  group: string,
  devices: Device[],
): ReadonlySet<string> | Failure | undefined {
  if (group === '') {
    if (!grouped.whole) return undefined;
    const loose = looseNames(grouped, devices);
    return loose ? new Set(loose) : UNTOLD;
  }
  const found = grouped.members.get(group);
  return Array.isArray(found) ? new Set(found) : found;
}

/** The names of the devices that are in no group; null where not all groups could be read. */
export function looseNames({ groups, members }: Omit<Grouped, 'whole'>, devices: Device[]): string[] | null {
  const read = [...members.values()].filter((found) => Array.isArray(found));
  if (read.length < groups.length) return null;
  const grouped = new Set(read.flat());
  return devices.map(({ thing }) => thing.name).filter((name) => !grouped.has(name));
}
