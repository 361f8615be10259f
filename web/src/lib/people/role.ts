/** What somebody is in the team, the least first. Each may do what the ones before it may. */
export const ROLES = ['viewer', 'developer', 'operator', 'owner'] as const;
export type Role = (typeof ROLES)[number];

export const ROLE_MEANINGS: Record<Role, string> = {
  viewer: 'reads what the team shares',
  developer: 'also sends events and ships services',
  operator: 'also runs the platform: routes, weights, alarms',
  owner: 'also decides who belongs to the team and what is erased',
};

/** The choices of a select. */
export const ROLE_OPTIONS = ROLES.map((role) => ({
  value: role,
  text: `${role.charAt(0).toUpperCase()}${role.slice(1)}`,
}));

/** The role of a principal; an older server names only scopes. */
export function roleOf(principal: { role?: string | null; scopes: string[] } | null | undefined): Role {
  if (!principal) return 'viewer';
  const named = ROLES.find((role) => role === principal.role);
  // The token of an owner can be limited to less.
  if (named === 'owner' && !principal.scopes.includes('owner')) return 'operator';
  if (named) return named;
  if (principal.scopes.includes('owner')) return 'owner';
  return principal.scopes.includes('write') ? 'developer' : 'viewer';
}

/** Whether one role may do what another may. */
export function atLeast(role: Role, wanted: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(wanted);
}
