import { call, part, query } from './call';

export type Group = {
  name: string;
  /** The group that it is a part of. */
  parent: string | null;
  /** What says in SQL whose name is in it; null where people put devices into it. */
  statement: string | null;
  description: string;
  created: string;
};

/** A group is a list, into which people put devices, or has a statement; one with a statement is no part of another. */
export type NewGroup = { name: string; description: string; parent?: string; statement?: string };
/** What is left out stays. */
export type GroupChange = { statement?: string; description?: string };

const AT_ONCE = 1_000;

export const groups = {
  /** All groups in the order of their names. */
  all: () =>
    inPages(
      '/v1/thing-groups',
      (page: { groups: Group[] }) => page.groups,
      ({ name }) => name,
    ),
  read: (group: string) => call<Group>('GET', groupPath(group)),
  create: (group: NewGroup) => call<Group>('POST', '/v1/thing-groups', group),
  change: (group: string, change: GroupChange) => call<Group>('PATCH', groupPath(group), change),
  /** Its devices stay. */
  remove: (group: string) => call<void>('DELETE', groupPath(group)),
  /** Puts a device into a group; nothing changes where it is in it. */
  put: (group: string, thing: string) => call<void>('PUT', `${groupPath(group)}/things/${part(thing)}`),
  take: (group: string, thing: string) => call<void>('DELETE', `${groupPath(group)}/things/${part(thing)}`),
  /** The names of the devices of a group and of its parts. */
  things: (group: string) =>
    inPages(
      `${groupPath(group)}/things`,
      (page: { things: string[] }) => page.things,
      (name) => name,
    ),
};

function groupPath(group: string): string {
  return `/v1/thing-groups/${part(group)}`;
}

/** Reads a list to its end, page after page; each begins after the last name of the one before. */
async function inPages<P, T>(
  path: string,
  itemsOf: (page: P) => T[],
  nameOf: (item: T) => string,
): Promise<T[]> {
  const list: T[] = [];
  for (;;) {
    const last = list.at(-1);
    const after = last === undefined ? '' : nameOf(last);
    const found = itemsOf(await call<P>('GET', `${path}?${query({ after, limit: String(AT_ONCE) })}`));
    list.push(...found);
    if (found.length < AT_ONCE) return list;
  }
}
