import { readList, writeList } from '$lib/state/stored';

/** A statement that ran in this browser. */
export type Ran = {
  query: string;
  /** ms since the epoch. */
  at: number;
  /** null where it failed. */
  rows: number | null;
  elapsed: number;
};

const KEY = 'trunkline.history';
const KEPT = 100;

class QueryHistory {
  list = $state<Ran[]>(readList(KEY, isRan));

  /** Notes a run; the same statement again moves up instead of filling the list. */
  add(ran: Ran) {
    this.list = [ran, ...this.list.filter((entry) => entry.query !== ran.query)].slice(0, KEPT);
    writeList(KEY, this.list);
  }

  clear() {
    this.list = [];
    writeList(KEY, []);
  }
}

function isRan(value: unknown): value is Ran {
  if (typeof value !== 'object' || value === null) return false;
  const { query, at, elapsed } = value as Record<string, unknown>;
  return typeof query === 'string' && typeof at === 'number' && typeof elapsed === 'number';
}

export const history = new QueryHistory();
