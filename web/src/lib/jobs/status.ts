import type { ExecutionStatus, JobStatus } from '$lib/api/jobs';

type Tone = 'plain' | 'accent' | 'ok' | 'warn' | 'danger';

export const JOB_STATUSES: JobStatus[] = [
  'SCHEDULED',
  'IN_PROGRESS',
  'COMPLETED',
  'CANCELED',
  'DELETION_IN_PROGRESS',
];
export const JOB_LOOK: Record<JobStatus, { text: string; tone: Tone }> = {
  SCHEDULED: { text: 'Scheduled', tone: 'plain' },
  IN_PROGRESS: { text: 'In progress', tone: 'accent' },
  COMPLETED: { text: 'Completed', tone: 'ok' },
  CANCELED: { text: 'Called off', tone: 'warn' },
  DELETION_IN_PROGRESS: { text: 'Being deleted', tone: 'plain' },
};

/** In the order of the bar: what was done, what went wrong, what ended otherwise, what goes on, what waits. */
export const EXECUTION_STATUSES: ExecutionStatus[] = [
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'REJECTED',
  'REMOVED',
  'CANCELED',
  'IN_PROGRESS',
  'QUEUED',
];
export const EXECUTION_TEXT: Record<ExecutionStatus, string> = {
  QUEUED: 'Queued',
  IN_PROGRESS: 'In progress',
  SUCCEEDED: 'Succeeded',
  FAILED: 'Failed',
  TIMED_OUT: 'Timed out',
  REJECTED: 'Rejected',
  REMOVED: 'Removed',
  CANCELED: 'Called off',
};
export const EXECUTION_TONE: Record<ExecutionStatus, Tone> = {
  QUEUED: 'plain',
  IN_PROGRESS: 'accent',
  SUCCEEDED: 'ok',
  FAILED: 'danger',
  TIMED_OUT: 'danger',
  REJECTED: 'danger',
  REMOVED: 'plain',
  CANCELED: 'warn',
};

/** Whether a job can be called off. */
export function isOpen(status: JobStatus): boolean {
  return status === 'SCHEDULED' || status === 'IN_PROGRESS';
}
