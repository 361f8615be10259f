import { Failure } from '$lib/api/failure';
import type { Group } from '$lib/api/groups';
import type { Device } from './filter';
import { inTree, type Grouped } from './groups';
import { standingOf, type Heard } from './presence';

/** How many of the devices of a group are there. */
export type Share = { connected: number; gone: number; blind: number };

/** A group on the map. */
export type GroupTile = {
  group: Group;
  /** The groups that it is a part of, the outermost first. */
  within: string[];
  /** Null where it could not be told who is in it. */
  share: Share | null;
  failure: Failure | null;
};

/** The tiles of the map, in the order of the tree. */
export function tilesOf(
  { groups, members }: Omit<Grouped, 'whole'>,
  devices: Device[],
  heard: Heard | null,
): GroupTile[] {
  const byName = new Map(devices.map((device) => [device.thing.name, device]));
  return inTree(groups).flatMap((group): GroupTile[] => {
    const found = members.get(group.name);
    if (found === undefined) return [];
    const failure = found instanceof Failure ? found : null;
    const share = found instanceof Failure ? null : shareOf(found, byName, heard);
    return [{ group, within: within(group, groups), share, failure }];
  });
}

/** The groups that a group is a part of, the outermost first. */
export function within(group: Group, groups: Group[]): string[] {
  const byName = new Map(groups.map((one) => [one.name, one]));
  const path: string[] = [];
  for (let at = group.parent; at !== null && !path.includes(at); at = byName.get(at)?.parent ?? null)
    path.unshift(at);
  return path;
}

/** How many of `names` are there by what was heard; null is that nobody could ask, so that nothing is known of anyone. */
export function shareOf(
  names: Iterable<string>,
  devices: ReadonlyMap<string, Device>,
  heard: Heard | null,
): Share {
  const share: Share = { connected: 0, gone: 0, blind: 0 };
  for (const name of names) {
    // One that the list of devices does not reach any more is judged by what was heard alone.
    const { state } = devices.get(name)?.standing ?? standingOf({ name, created: '' }, heard);
    share[state === 'connected' || state === 'gone' ? state : 'blind'] += 1;
  }
  return share;
}

/** How many devices a share is of. */
export function sizeOf({ connected, gone, blind }: Share): number {
  return connected + gone + blind;
}

/** A share in words: `3 connected, 1 gone, 2 not known`. */
export function shareText({ connected, gone, blind }: Share): string {
  return `${connected} connected, ${gone} gone, ${blind} not known`;
}
