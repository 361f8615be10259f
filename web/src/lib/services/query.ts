import { literal } from '$lib/explore/identifier';
import type { Deployment } from '$lib/api/services';

/** The minutes of the traffic that the list of services shows. */
export const MINUTES = 30;

/** Requests and errors of every service, minute by minute. */
export function trafficQuery(): string {
  return `SELECT service, date_bin(INTERVAL '1 minute', time) AS at, count(*) AS requests,
  count(*) FILTER (WHERE status >= 500) AS errors
FROM requests
WHERE service IS NOT NULL AND time > now() - INTERVAL '${MINUTES} minutes'
GROUP BY service, at
ORDER BY service, at`;
}

/** Rows of the judge's look: each is 5 seconds long, and where a deployment takes long they are put together. */
const WIDTHS = [
  { upTo: 30 * 60_000, width: '5 seconds' },
  { upTo: 3 * 3_600_000, width: '30 seconds' },
  { upTo: Infinity, width: '10 minutes' },
];

/** The share of errors of a release and of all others of its service, since its deployment began. */
export function splitQuery(service: string, deployment: Deployment, now: number): string {
  const elapsed = now - Date.parse(deployment.started);
  const { width } = WIDTHS.find(({ upTo }) => elapsed <= upTo) ?? WIDTHS[WIDTHS.length - 1]!;
  return `SELECT date_bin(INTERVAL '${width}', time) AS at,
  CASE WHEN release = ${literal(deployment.release)} THEN 'release' ELSE 'before' END AS side,
  count(*) AS answers, count(*) FILTER (WHERE status >= 500) AS errors,
  100.0 * count(*) FILTER (WHERE status >= 500) / count(*) AS error_percent
FROM requests
WHERE service = ${literal(service)} AND release IS NOT NULL AND time >= TIMESTAMP ${literal(deployment.started)}
GROUP BY at, side
ORDER BY at`;
}

/** The newest requests of a service. */
export function requestsQuery(service: string): string {
  return `SELECT time, method, path, status, total_us, release, client, trace_id
FROM requests
WHERE service = ${literal(service)}
ORDER BY time DESC`;
}
