import { formatShort } from '$lib/format/number';

/** A latency in microseconds, in the unit that reads best: `85 µs`, `1.24 ms`, `3.2 s`; nothing measured is a dash. */
export function formatLatency(microseconds: number | null | undefined): string {
  if (microseconds == null) return '–';
  if (microseconds < 1_000) return `${Math.round(microseconds)} µs`;
  if (microseconds < 1_000_000) return `${formatShort(microseconds / 1_000)} ms`;
  return `${formatShort(microseconds / 1_000_000)} s`;
}

/** A part of a whole: `0.42 %`; of nothing, a dash. */
export function formatPart(part: number, whole: number): string {
  if (whole <= 0) return '–';
  const share = (part / whole) * 100;
  if (share === 0) return '0 %';
  return share < 0.01 ? '<0.01 %' : `${formatShort(Math.round(share * 100) / 100)} %`;
}

/** What a route answers to, on one line: `GET POST api.example.org/orders/*`. */
export function matchOf(route: { hosts: string[]; path: string; methods: string[] }): string {
  const methods = route.methods.length > 0 ? `${route.methods.join(' ')} ` : '';
  const host = route.hosts[0] ?? '';
  const more = route.hosts.length > 1 ? ` +${route.hosts.length - 1}` : '';
  return `${methods}${host}${route.path}${more}`;
}

/** The link to a route's page. */
export function routeLink(name: string): string {
  return `/gateway/routes/${encodeURIComponent(name)}`;
}
