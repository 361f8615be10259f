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

const AT_ONCE = 1_000;

export const groups = {
  /** All groups in the order of their names. */
  all: () =>
    inPages(
      '/v1/thing-groups',
      (page: { groups: Group[] }) => page.groups,
      ({ name }) => name,
    ),
  /** The names of the devices of a group and of its parts. */
  things: (group: string) =>
    inPages(
      `/v1/thing-groups/${part(group)}/things`,
      (page: { things: string[] }) => page.things,
      (name) => name,
    ),
};

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
