import type { ExecutionStatus, Job } from '$lib/api/jobs';
import type { ChartData } from '$lib/explore/chart';
import { literal } from '$lib/explore/identifier';
import { text } from '$lib/explore/objects';
import { readObject } from '$lib/devices/desired';
import { formatCount } from '$lib/format/number';
import { EXECUTION_STATUSES, EXECUTION_TEXT } from './status';

const EXECUTION_CHANGED = 'trunkline.fleet.job.execution.changed.v1';
const JOB_CHANGED = 'trunkline.fleet.job.changed.v1';
const QUESTION_FAILED = 'trunkline.fleet.job.question.failed.v1';

/** Executions that went from one status to another within a step of time; without a status before they are new. */
export type Move = { at: number; from: ExecutionStatus | null; to: ExecutionStatus; count: number };

/** Something that happened to the job as a whole. */
export type Mark = { time: string; text: string };

/** Steps that a chart can have, in seconds. */
const STEPS = [1, 2, 5, 15, 30, 60, 300, 900, 3_600, 21_600, 86_400];
const MOST_PLACES = 240;

const COLOURS: Record<ExecutionStatus, string> = {
  SUCCEEDED: '--ok',
  FAILED: '--danger',
  TIMED_OUT: '--series-2',
  REJECTED: '--series-4',
  REMOVED: '--muted',
  CANCELED: '--warn',
  IN_PROGRESS: '--accent',
  QUEUED: '--edge',
};

/** When the chart of a job ends, in seconds since the epoch: when the job was over, and until then now. */
export function endOf(job: Pick<Job, 'completedAt'>, now: number): number {
  return job.completedAt ?? Math.floor(now / 1_000);
}

/** How many seconds each step of the chart takes. */
export function stepOf(job: Pick<Job, 'createdAt' | 'startsAt' | 'completedAt'>, now: number): number {
  const span = endOf(job, now) - Math.max(job.createdAt, job.startsAt);
  return STEPS.find((step) => span / step <= MOST_PLACES) ?? STEPS[STEPS.length - 1]!;
}

/**
 * How many executions of a job went from which status to which, step by step. `events` has every change in the order of the log; a job
 * of the same name that was deleted before is left out by its time.
 */
export function movesQuery(job: Pick<Job, 'jobId' | 'createdAt'>, step: number): string {
  return `WITH changes AS (
  SELECT time, "offset", subject AS thing, json_get_int(data, 'number') AS number, json_get_str(data, 'status') AS status
  FROM events
  WHERE type = ${literal(EXECUTION_CHANGED)}
    AND time >= ${timestamp(job.createdAt)}
    AND json_get_str(data, 'job') = ${literal(job.jobId)}
), moves AS (
  SELECT time, status, lag(status) OVER (PARTITION BY thing, number ORDER BY "offset") AS before
  FROM changes
)
SELECT date_bin(INTERVAL '${step} seconds', time) AS at, before, status, count(*) AS executions
FROM moves
WHERE before IS DISTINCT FROM status
GROUP BY at, before, status
ORDER BY at`;
}

/** What happened to a job as a whole. */
export function marksQuery(job: Pick<Job, 'jobId' | 'createdAt'>): string {
  return `SELECT time, type, data
FROM events
WHERE type IN (${literal(JOB_CHANGED)}, ${literal(QUESTION_FAILED)})
  AND time >= ${timestamp(job.createdAt)}
  AND subject = ${literal(job.jobId)}
ORDER BY "offset"`;
}

/** Moves from the rows of {@link movesQuery}; a status that is newer than this page is left out. */
export function movesFrom(rows: Record<string, unknown>[]): Move[] {
  return rows.flatMap((row): Move[] => {
    const to = statusOf(row.status);
    const at = Date.parse(text(row.at)) / 1_000;
    if (!to || Number.isNaN(at)) return [];
    return [{ at, from: statusOf(row.before), to, count: Number(row.executions) }];
  });
}

/** Marks from the rows of {@link marksQuery}, in their order. */
export function marksFrom(rows: Record<string, unknown>[]): Mark[] {
  return rows.flatMap((row): Mark[] => {
    const said = markText(text(row.type), readObject(text(row.data)).value ?? {});
    return said === null ? [] : [{ time: text(row.time), text: said }];
  });
}

/**
 * How many executions were in each status over time: areas upon each other, with what is done at the bottom. It begins at `start` where
 * nothing happened before; the counts hold from the end of each step on, and the last ones until `end`.
 */
export function cohortChart(
  moves: Move[],
  marks: Mark[],
  { start, step, end }: { start: number; step: number; end: number },
): ChartData {
  const counts = new Map<ExecutionStatus, number>(EXECUTION_STATUSES.map((status) => [status, 0]));
  const places = [...new Set(moves.map(({ at }) => at))].sort((a, b) => a - b);
  const told = marks.map(({ time }) => Date.parse(time) / 1_000);
  const x: number[] = [];
  const values = new Map<ExecutionStatus, number[]>(EXECUTION_STATUSES.map((status) => [status, []]));
  const note = (at: number) => {
    x.push(at);
    for (const [status, count] of counts) values.get(status)?.push(count);
  };
  if (places[0] !== undefined) note(Math.min(places[0], start));
  for (const place of places) {
    for (const { from, to, count } of moves.filter(({ at }) => at === place)) {
      counts.set(to, (counts.get(to) ?? 0) + count);
      if (from) counts.set(from, (counts.get(from) ?? 0) - count);
    }
    note(place + step);
  }
  // Jobs count whole seconds, so what ended one may have happened a little after its end.
  const last = Math.max(end, ...told);
  if (x.length > 0 && last > x[x.length - 1]!) note(last);
  return {
    xKind: 'time',
    x,
    categories: [],
    lines: [...EXECUTION_STATUSES].reverse().flatMap((status) => {
      const line = values.get(status) ?? [];
      if (line.every((count) => count === 0)) return [];
      return [{ label: EXECUTION_TEXT[status], values: line, colour: COLOURS[status] }];
    }),
    hidden: 0,
    marks: told,
  };
}

/** What the chart shows, for people who do not see it. */
export function cohortText(job: string, { lines }: ChartData): string {
  const last = [...lines]
    .reverse()
    .map(({ label, values }) => `${label.toLowerCase()} ${formatCount(values.at(-1) ?? 0)}`);
  return `Executions of ${job} over time. At the end: ${last.join(', ')}.`;
}

function markText(type: string, data: Record<string, unknown>): string | null {
  const of = (name: string) => text(data[name]);
  if (type === QUESTION_FAILED) return `The statement ${of('about')} could not be asked: ${of('reason')}`;
  if (data.removed === true) return null;
  switch (of('status')) {
    case 'SCHEDULED':
      return 'It was made';
    case 'IN_PROGRESS':
      return 'It began';
    case 'COMPLETED':
      return 'It was completed';
    case 'CANCELED':
      return canceledText(data);
    default:
      return null;
  }
}

function canceledText(data: Record<string, unknown>): string {
  const of = (name: string) => text(data[name]);
  if (of('statement')) return `It called itself off: the gate abort held, ${of('statement')}`;
  const criterion = readObject(text(data.criterion)).value ?? {};
  if (criterion.thresholdPercentage !== undefined)
    return `It called itself off: ${text(criterion.thresholdPercentage)} % of executions ended as ${text(criterion.failureType)}`;
  return [`It was called off${of('by') ? ` by ${of('by')}` : ''}`, of('comment') || of('reason')]
    .filter(Boolean)
    .join(': ');
}

function statusOf(value: unknown): ExecutionStatus | null {
  return EXECUTION_STATUSES.find((status) => status === value) ?? null;
}

function timestamp(seconds: number): string {
  return `TIMESTAMP ${literal(new Date(seconds * 1_000).toISOString())}`;
}
