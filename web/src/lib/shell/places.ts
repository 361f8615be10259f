import type { Component } from 'svelte';
import Activity from '@lucide/svelte/icons/activity';
import Database from '@lucide/svelte/icons/database';
import Radio from '@lucide/svelte/icons/radio';
import SquareTerminal from '@lucide/svelte/icons/square-terminal';

export type Place = { text: string; href: string; keys: string; icon: Component<{ size?: number }> };

/** The pages of the navigation, in its order. */
export const PLACES: Place[] = [
  { text: 'Explore', href: '/explore', keys: 'g e', icon: SquareTerminal },
  { text: 'Live', href: '/live', keys: 'g l', icon: Radio },
  { text: 'Tables', href: '/tables', keys: 'g t', icon: Database },
  { text: 'System', href: '/system', keys: 'g s', icon: Activity },
];

/** The way to a page, for the bar at the top. */
export function crumbsOf(path: string): { text: string; href?: string }[] {
  const [first = '', second] = path.split('/').filter((part) => part !== '');
  const place = PLACES.find((one) => one.href === `/${first}`);
  const names: Record<string, string> = { tokens: 'Tokens', errors: 'Errors' };
  const text = place?.text ?? names[first] ?? 'Not found';
  const crumbs: { text: string; href?: string }[] = [{ text, href: place?.href }];
  if (second && (place || names[first])) crumbs.push({ text: decodeURIComponent(second) });
  return crumbs;
}
