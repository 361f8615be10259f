/** Statements that teach: each works on a fresh installation, even while its table is empty. */
export const EXAMPLES: { title: string; teaches: string; query: string }[] = [
  {
    title: 'What came in during the last hour',
    teaches: 'Count by minute, a line for each type',
    query: `SELECT date_trunc('minute', time) AS minute, type, count(*) AS events
FROM events
WHERE time > now() - INTERVAL '1 hour'
GROUP BY minute, type
ORDER BY minute`,
  },
  {
    title: 'Which service logs the most errors',
    teaches: 'Filter, group and rank',
    query: `SELECT service, count(*) AS errors, max(time) AS latest
FROM logs
WHERE severity IN ('error', 'fatal')
GROUP BY service
ORDER BY errors DESC`,
  },
  {
    title: 'How slow requests are',
    teaches: 'Percentiles of span durations',
    query: `SELECT date_trunc('minute', time) AS minute, service,
  approx_percentile_cont(duration_us, 0.95) / 1000.0 AS p95_ms
FROM spans
WHERE time > now() - INTERVAL '1 hour'
GROUP BY minute, service
ORDER BY minute`,
  },
  {
    title: 'Who changed what this month',
    teaches: 'Git history is a table too',
    query: `SELECT author, count(*) AS commits, sum(insertions) AS added, sum(deletions) AS removed
FROM commits
WHERE time > now() - INTERVAL '30 days'
GROUP BY author
ORDER BY commits DESC`,
  },
];
