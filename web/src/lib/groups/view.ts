import type { Group } from '$lib/api/groups';
import { literal } from '$lib/explore/identifier';

/** The link to the page of groups, with its form for a new one where that is to be open. */
export function groupsLink(create = false): string {
  return create ? '/groups?create=group' : '/groups';
}

export function groupLink(name: string): string {
  return `/groups/${encodeURIComponent(name)}`;
}

/** Who was put into groups; of one group where it has a name. */
export function membersQuery(group: string | null): string {
  const where = group === null ? '' : `\nWHERE group_name = ${literal(group)}`;
  return `SELECT group_name, thing
FROM group_members${where}
ORDER BY group_name, thing`;
}

/** The statement that says who is in a group. */
export function statementOf(group: Group): string {
  return group.statement ?? membersQuery(group.name);
}

/** How many groups a group is a part of, one within the other. */
export function depthOf(group: Group, groups: Group[]): number {
  const byName = new Map(groups.map((one) => [one.name, one]));
  let depth = 0;
  // A parent that is gone since ends the way.
  for (let at = group.parent; at !== null && byName.has(at); at = byName.get(at)?.parent ?? null) {
    depth += 1;
    if (depth > groups.length) break;
  }
  return depth;
}
