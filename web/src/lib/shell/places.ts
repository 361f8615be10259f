import type { Component } from 'svelte';
import Activity from '@lucide/svelte/icons/activity';
import BookOpen from '@lucide/svelte/icons/book-open';
import Boxes from '@lucide/svelte/icons/boxes';
import Cable from '@lucide/svelte/icons/cable';
import ChartNoAxesColumn from '@lucide/svelte/icons/chart-no-axes-column';
import Cpu from '@lucide/svelte/icons/cpu';
import Code from '@lucide/svelte/icons/code';
import Database from '@lucide/svelte/icons/database';
import GitPullRequest from '@lucide/svelte/icons/git-pull-request';
import History from '@lucide/svelte/icons/history';
import ListChecks from '@lucide/svelte/icons/list-checks';
import Package from '@lucide/svelte/icons/package';
import Radio from '@lucide/svelte/icons/radio';
import Rocket from '@lucide/svelte/icons/rocket';
import Scale from '@lucide/svelte/icons/scale';
import Shapes from '@lucide/svelte/icons/shapes';
import SquareTerminal from '@lucide/svelte/icons/square-terminal';
import Users from '@lucide/svelte/icons/users';
import Waypoints from '@lucide/svelte/icons/waypoints';
import { atLeast, type Role } from '$lib/people/role';

export type Place = {
  text: string;
  href: string;
  keys: string;
  icon: Component<{ size?: number }>;
  /** The least role that gets anything from the page. What is read-only for whom, the page itself decides. */
  role?: Role;
};
export type PlaceGroup = { title: string; places: Place[] };

/** The pages of the navigation, in its order. */
export const GROUPS: PlaceGroup[] = [
  {
    title: 'Data',
    places: [
      { text: 'Explore', href: '/explore', keys: 'g e', icon: SquareTerminal },
      { text: 'Live', href: '/live', keys: 'g l', icon: Radio },
      { text: 'Tables', href: '/tables', keys: 'g t', icon: Database },
    ],
  },
  {
    title: 'Code',
    places: [
      { text: 'Repositories', href: '/repositories', keys: 'g r', icon: Code },
      { text: 'Changes', href: '/changes', keys: 'g c', icon: GitPullRequest },
      { text: 'Delivery', href: '/delivery', keys: 'g v', icon: ChartNoAxesColumn },
      { text: 'Services', href: '/services', keys: 'g i', icon: Rocket },
    ],
  },
  {
    title: 'Gateway',
    places: [
      { text: 'Gateway', href: '/gateway', keys: 'g w', icon: Waypoints },
      { text: 'APIs', href: '/portal', keys: 'g a', icon: BookOpen },
    ],
  },
  {
    title: 'Fleet',
    places: [
      { text: 'Devices', href: '/devices', keys: 'g d', icon: Cpu },
      { text: 'Groups', href: '/groups', keys: 'g g', icon: Boxes },
      { text: 'Types', href: '/types', keys: 'g k', icon: Shapes },
      { text: 'Jobs', href: '/jobs', keys: 'g j', icon: ListChecks },
      { text: 'Artifacts', href: '/artifacts', keys: 'g f', icon: Package },
      { text: 'Bridges', href: '/bridges', keys: 'g b', icon: Cable },
    ],
  },
  {
    title: 'Team',
    places: [
      { text: 'People', href: '/people', keys: 'g p', icon: Users },
      { text: 'Policies', href: '/policies', keys: 'g o', icon: Scale },
      { text: 'Audit', href: '/audit', keys: 'g u', icon: History, role: 'operator' },
    ],
  },
  { title: 'Platform', places: [{ text: 'System', href: '/system', keys: 'g s', icon: Activity }] },
];

export const PLACES: Place[] = GROUPS.flatMap((group) => group.places);

/** What the navigation shows to a role. */
export function groupsFor(role: Role): PlaceGroup[] {
  return GROUPS.map((group) => ({
    ...group,
    places: group.places.filter((place) => !place.role || atLeast(role, place.role)),
  })).filter((group) => group.places.length > 0);
}

/** Pages that are reached from elsewhere than the navigation. */
const NAMES: Record<string, string> = {
  runs: 'Runs',
  tokens: 'Tokens',
  errors: 'Errors',
  account: 'Account',
};
/** Parts of an address that only group what comes after them. */
const SILENT = ['routes'];

/** The way to a page, for the bar at the top. */
export function crumbsOf(path: string): { text: string; href?: string }[] {
  const [first = '', ...rest] = path.split('/').filter((part) => part !== '');
  const place = PLACES.find((one) => one.href === `/${first}`);
  const text = place?.text ?? NAMES[first] ?? 'Not found';
  const crumbs: { text: string; href?: string }[] = [{ text, href: place?.href }];
  const last = rest.filter((part) => !SILENT.includes(part))[0];
  if (last && (place || NAMES[first])) crumbs.push({ text: decodeURIComponent(last) });
  return crumbs;
}
