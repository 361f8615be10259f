import type { JsonObject } from '$lib/api/things';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two values say the same; the order of members says nothing. */
export function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
    );
  }
  return a === b;
}

/** What is wanted and not yet so: the part of `desired` that `reported` lacks or has otherwise. Arrays are values. */
export function delta(desired: JsonObject, reported: JsonObject): JsonObject {
  const parts = Object.entries(desired).flatMap(([name, wanted]) => {
    const is = Object.hasOwn(reported, name) ? reported[name] : undefined;
    if (same(wanted, is)) return [];
    if (!isObject(wanted) || !isObject(is)) return [[name, wanted]];
    const inner = delta(wanted, is);
    return Object.keys(inner).length > 0 ? [[name, inner]] : [];
  });
  return Object.fromEntries(parts) as JsonObject;
}

/** One value that differs between two documents. */
export type Change = {
  path: string;
  kind: 'added' | 'changed' | 'removed';
  before: unknown;
  after: unknown;
};

/** What differs between two documents, value by value, in the order of the members. */
export function changesBetween(before: JsonObject, after: JsonObject, at = ''): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name): Change[] => {
    const path = `${at}${step(name, at === '')}`;
    const [was, is] = [before[name], after[name]];
    if (!Object.hasOwn(before, name)) return [{ path, kind: 'added', before: undefined, after: is }];
    if (!Object.hasOwn(after, name)) return [{ path, kind: 'removed', before: was, after: undefined }];
    if (same(was, is)) return [];
    if (isObject(was) && isObject(is)) return changesBetween(was, is, path);
    return [{ path, kind: 'changed', before: was, after: is }];
  });
}

/** When the newest value of a section was written, in seconds since the epoch, by its metadata. */
export function newestStamp(metadata: unknown): number | null {
  if (Array.isArray(metadata)) return largest(metadata.map(newestStamp));
  if (!isObject(metadata)) return null;
  // A value of this name has its own time one level deeper.
  if (typeof metadata.timestamp === 'number') return metadata.timestamp;
  return largest(Object.values(metadata).map(newestStamp));
}

/** JSON as people read it. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** A name as a part of a path; one with odd characters stands in brackets. */
function step(name: string, first: boolean): string {
  if (/^[\w$-]+$/.test(name)) return first ? name : `.${name}`;
  return `[${JSON.stringify(name)}]`;
}

function largest(numbers: (number | null)[]): number | null {
  return numbers.reduce<number | null>((a, b) => (b === null || (a !== null && a >= b) ? a : b), null);
}
