import { jobs, type Job, type JobStatus } from '$lib/api/jobs';
import { JOBS } from './view';

/**
 * Asks for pages of jobs with how far each is. The list of the API leaves that out, so each job is asked for by itself; one that is
 * completed does not change any more, and is asked for once.
 */
export function jobLister(): (
  status: JobStatus | null,
  after: string,
) => Promise<{ list: Job[]; next: string | null }> {
  let known = new Map<string, Job>();
  return async (status, after) => {
    const page = await jobs.page(status, after, JOBS);
    const found = await Promise.all(
      page.jobs.map((summary) => {
        const before = known.get(summary.jobId);
        const done = before?.status === 'COMPLETED' && before.lastUpdatedAt === summary.lastUpdatedAt;
        return done ? before : jobs.find(summary.jobId);
      }),
    );
    // One that was deleted between the two questions is no job any more.
    const list = found.filter((job): job is Job => job !== null && job !== undefined);
    known = new Map(list.map((job) => [job.jobId, job]));
    return { list, next: page.next };
  };
}
