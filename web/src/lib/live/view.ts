import type { TailFilter } from './tail';

/** Reads the filters of the live view from a URL. */
export function readFilter(parameters: URLSearchParams): TailFilter {
  const tables = (parameters.get('table') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return { tables: [...new Set(tables)].sort(), contains: parameters.get('contains') ?? '' };
}

/** The link to the live view with filters. */
export function liveLink(filter: TailFilter): string {
  const parameters = new URLSearchParams();
  if (filter.tables.length > 0) parameters.set('table', [...filter.tables].sort().join(','));
  if (filter.contains) parameters.set('contains', filter.contains);
  const text = parameters.toString();
  return text ? `/live?${text}` : '/live';
}

/** Whether two filters ask for the same rows. */
export function sameFilter(a: TailFilter, b: TailFilter): boolean {
  return liveLink(a) === liveLink(b);
}
