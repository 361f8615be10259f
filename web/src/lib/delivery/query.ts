import { literal } from '$lib/explore/identifier';
import type { DeliveryFilter } from './filter';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The steps of the distribution: up to so many seconds, and how people say it. What takes longer than all is the last. */
export const STEPS: { below: number; text: string }[] = [
  { below: MINUTE, text: '< 1 min' },
  { below: 5 * MINUTE, text: '1–5 min' },
  { below: 15 * MINUTE, text: '5–15 min' },
  { below: HOUR, text: '15–60 min' },
  { below: 4 * HOUR, text: '1–4 h' },
  { below: DAY, text: '4–24 h' },
  { below: 7 * DAY, text: '1–7 d' },
  { below: Infinity, text: '> 7 d' },
];

/** What the whole page comes down to, in one row. */
export function summaryQuery(filter: DeliveryFilter): string {
  return `SELECT lead.*, ended.*
FROM (
  SELECT count(*) AS changes, median(seconds) AS median_s,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95_s
  FROM lead_time
  WHERE ${since('time', filter)}
) AS lead CROSS JOIN (
  SELECT sum(refused_changes) AS refused, sum(tasks) AS tasks, sum(ran) AS ran
  FROM delivery
  WHERE ${sinceDay(filter)}
) AS ended`;
}

/** Lead time by day. */
export function trendQuery(filter: DeliveryFilter): string {
  return `SELECT date_trunc('day', time) AS day, median(seconds) AS median,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95
FROM lead_time
WHERE ${since('time', filter)}
GROUP BY day
ORDER BY day`;
}

/** How many changes took how long. */
export function distributionQuery(filter: DeliveryFilter): string {
  const steps = STEPS.filter(({ below }) => below !== Infinity);
  const cases = steps.map(({ below, text }) => `  WHEN seconds < ${below} THEN ${literal(text)}`);
  return `SELECT CASE
${cases.join('\n')}
  ELSE ${literal(STEPS[STEPS.length - 1]!.text)} END AS took, count(*) AS changes
FROM lead_time
WHERE ${since('time', filter)}
GROUP BY took
ORDER BY min(seconds)`;
}

/** What landed and what was refused, by day. */
export function landingsQuery(filter: DeliveryFilter): string {
  return `SELECT day, sum(refused_changes) AS refused, sum(landed_changes) AS landed
FROM delivery
WHERE ${sinceDay(filter)}
GROUP BY day
ORDER BY day`;
}

/** How many of the tasks that had to be green for what landed had to run, by day. */
export function knownQuery(filter: DeliveryFilter): string {
  return `SELECT day, sum(ran) AS ran, sum(greatest(tasks - ran, 0)) AS known
FROM delivery
WHERE ${sinceDay(filter)}
GROUP BY day
HAVING sum(tasks) > 0
ORDER BY day`;
}

/** The tasks that took the most time. */
export function costQuery(filter: DeliveryFilter): string {
  return `SELECT task, project, repository, sum(runs) AS runs, sum(run_seconds) AS run_seconds,
  sum(cached) AS cached, sum(cached) / cast(sum(runs) + sum(cached) AS double) AS cached_share,
  sum(saved_seconds) AS saved_seconds
FROM task_cost
WHERE ${sinceDay(filter)}
GROUP BY task, project, repository
ORDER BY run_seconds DESC
LIMIT 10`;
}

/** The tasks that were red for nothing most often. */
export function flakesQuery(filter: DeliveryFilter): string {
  return `SELECT task, project, repository, runs, flakes, share, time
FROM flake_rate
WHERE ${since('time', filter)}
ORDER BY share DESC, flakes DESC
LIMIT 10`;
}

function since(column: string, filter: DeliveryFilter): string {
  return `${column} > now() - INTERVAL '${filter.days} days'${of(filter)}`;
}

function sinceDay(filter: DeliveryFilter): string {
  return `day >= cast(now() - INTERVAL '${filter.days} days' AS date)${of(filter)}`;
}

function of({ repository }: DeliveryFilter): string {
  return repository ? ` AND repository = ${literal(repository)}` : '';
}
