import { readList, writeList } from './stored';

export type Visit = { label: string; href: string };

const KEY = 'trunkline.recent';
const KEPT = 8;

/** The objects that this browser opened last, for the command palette. */
class Recent {
  list = $state<Visit[]>(readList(KEY, isVisit));

  visit(label: string, href: string) {
    this.list = [{ label, href }, ...this.list.filter((visit) => visit.href !== href)].slice(0, KEPT);
    writeList(KEY, this.list);
  }
}

function isVisit(value: unknown): value is Visit {
  if (typeof value !== 'object' || value === null) return false;
  const { label, href } = value as Record<string, unknown>;
  return typeof label === 'string' && typeof href === 'string' && href.startsWith('/');
}

export const recent = new Recent();
