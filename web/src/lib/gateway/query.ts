import { literal } from '$lib/explore/identifier';

/** Requests, errors and latency of a route over the last hours, a point a minute or coarser. */
export function courseQuery(route: string, hours: number): string {
  const step = hours <= 1 ? '1 minute' : hours <= 6 ? '5 minutes' : '15 minutes';
  return `SELECT date_bin(INTERVAL '${step}', time) AS at,
  count(*) AS requests,
  count(*) FILTER (WHERE status BETWEEN 200 AND 399) AS good,
  count(*) FILTER (WHERE status BETWEEN 400 AND 499) AS "4xx",
  count(*) FILTER (WHERE status >= 500) AS "5xx",
  approx_percentile_cont(total_us, 0.5) / 1000.0 AS p50_ms,
  approx_percentile_cont(total_us, 0.99) / 1000.0 AS p99_ms
FROM requests
WHERE route = ${literal(route)} AND time > now() - INTERVAL '${hours} hours'
GROUP BY at
ORDER BY at`;
}

/** The newest requests of a route. */
export function recentQuery(route: string, refusedOnly = false): string {
  return `SELECT time, method, path, status, total_us, wait_us, upstream, release, refusal, principal, key, client, trace_id
FROM requests
WHERE route = ${literal(route)}${refusedOnly ? " AND refusal <> ''" : ''}
ORDER BY time DESC`;
}
