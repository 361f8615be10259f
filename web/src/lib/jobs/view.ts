import type { ExecutionStatus, JobStatus } from '$lib/api/jobs';
import { EXECUTION_STATUSES, JOB_STATUSES } from './status';

/** How often pages of jobs ask again, in ms. */
export const EVERY = 5_000;
/** How many stand on a page. Each job of the list is asked for by itself, so these are few. */
export const JOBS = 25;
export const EXECUTIONS = 100;

/** What is absent is the default: the first page, and any status. */
export type JobsView = { status?: JobStatus | null; after?: string; create?: boolean; target?: string };
export type JobView = { status?: ExecutionStatus | null; after?: string };

export function jobsLink({ status, after, create, target }: JobsView): string {
  return link('/jobs', { status, after, create: create ? 'job' : null, target: create ? target : null });
}

export function jobLink(id: string, { status, after }: JobView = {}): string {
  return link(`/jobs/${encodeURIComponent(id)}`, { status, after });
}

export function readJobsView(parameters: URLSearchParams): Required<JobsView> {
  return {
    status: JOB_STATUSES.find((status) => status === parameters.get('status')) ?? null,
    after: parameters.get('after') ?? '',
    create: parameters.get('create') === 'job',
    target: parameters.get('target') ?? '',
  };
}

export function readJobView(parameters: URLSearchParams): Required<JobView> {
  return {
    status: EXECUTION_STATUSES.find((status) => status === parameters.get('status')) ?? null,
    after: parameters.get('after') ?? '',
  };
}

function link(path: string, given: Record<string, string | null | undefined>): string {
  const entries = Object.entries(given).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const query = new URLSearchParams(entries).toString();
  return query ? `${path}?${query}` : path;
}
