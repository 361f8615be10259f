import type { Counts, ExecutionStatus, JobProgress } from '$lib/api/jobs';
import { formatCount } from '$lib/format/number';
import { EXECUTION_STATUSES, EXECUTION_TEXT } from './status';

/** A part of the bar: executions of one status, or the targets that nobody has told yet. */
export type Part = { status: ExecutionStatus | null; text: string; count: number; share: number };

/** The parts of the bar in their order, without those that are empty. */
export function partsOf(progress: JobProgress): Part[] {
  const told = EXECUTION_STATUSES.map((status) => ({
    status,
    text: EXECUTION_TEXT[status],
    count: countOf(progress.executions, status),
  }));
  const waiting = {
    status: null,
    text: 'Not told yet',
    count: Math.max(0, progress.targets - progress.notified),
  };
  const parts = [...told, waiting].filter(({ count }) => count > 0);
  const whole = parts.reduce((sum, { count }) => sum + count, 0);
  return parts.map((one) => ({ ...one, share: one.count / whole }));
}

/** How far a job is, in words. */
export function progressText(progress: JobProgress): string {
  const { succeeded, failed, timed_out, rejected } = progress.executions;
  const wrong = failed + timed_out + rejected;
  const done = `${formatCount(succeeded)} of ${formatCount(progress.targets)} succeeded`;
  return wrong > 0 ? `${done}, ${formatCount(wrong)} went wrong` : done;
}

export function countOf(counts: Counts, status: ExecutionStatus): number {
  return counts[status.toLowerCase() as Lowercase<ExecutionStatus>];
}
