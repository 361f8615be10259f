import { call, part, query } from './call';
import { Failure } from './failure';
import type { JsonObject } from './things';

export type JobStatus = 'SCHEDULED' | 'IN_PROGRESS' | 'COMPLETED' | 'CANCELED' | 'DELETION_IN_PROGRESS';
export type ExecutionStatus =
  'QUEUED' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'REJECTED' | 'REMOVED' | 'CANCELED';

/** Executions by status; further tries are counted too. */
export type Counts = Record<Lowercase<ExecutionStatus>, number>;

/** A job in a list. All times of jobs are seconds since the epoch. */
export type JobSummary = {
  jobId: string;
  status: JobStatus;
  targetSelection: 'SNAPSHOT' | 'CONTINUOUS';
  createdAt: number;
  lastUpdatedAt: number;
  completedAt: number | null;
};

export type JobProgress = {
  targets: number;
  /** Targets that were told. */
  notified: number;
  executions: Counts;
  stage: string | null;
  servedAt: number | null;
  /** Whether the next stage may begin, as far as that was asked. */
  advance: { at: number; holds: boolean } | null;
  /** Statements that cannot be evaluated, and why. */
  failed: Record<string, string>;
};

export type Gates = { advance?: string; abort?: string; everySeconds: number };

export type Job = JobSummary & {
  document: JsonObject;
  description: string | null;
  targetGroups: string[];
  jobExecutionsRolloutConfig: JsonObject;
  abortConfig: JsonObject;
  timeoutConfig: JsonObject;
  jobExecutionsRetryConfig: JsonObject;
  gates: Gates | null;
  startsAt: number;
  forceCanceled: boolean;
  reasonCode: string | null;
  comment: string | null;
  progress: JobProgress;
};

export type NewJob = {
  jobId: string;
  /** Names of things, and groups as `group:NAME`. */
  targets: string[];
  document: JsonObject;
  jobExecutionsRolloutConfig?: RolloutConfig;
  timeoutConfig?: { inProgressTimeoutInMinutes: number };
  jobExecutionsRetryConfig?: { criteriaList: RetryCriterion[] };
  gates?: Partial<Gates>;
  /** What those that have begun are to do where the job is called off. */
  rollbackDocument?: JsonObject;
  abortConfig?: { criteriaList: AbortCriterion[] };
};

/** How fast a job spreads; stages and a rate that grows exclude each other. */
export type RolloutConfig = {
  /** How many are told in a minute at the most. */
  maximumPerMinute?: number;
  exponentialRate?: {
    baseRatePerMinute: number;
    incrementFactor: number;
    /** Where both are said, the one that comes further counts. */
    rateIncreaseCriteria: { numberOfNotifiedThings?: number; numberOfSucceededThings?: number };
  };
  stages?: Stage[];
};

export type Stage = {
  name: string;
  /** How many of the targets are served when it is over, those of the stages before counted too. */
  percentage: number;
  /** How many of them must have ended before it counts as served. */
  finishedPercentage?: number;
  /** Minutes that pass from then until the next stage begins. */
  soakMinutes?: number;
};

export type AbortCriterion = {
  failureType: 'FAILED' | 'REJECTED' | 'TIMED_OUT' | 'ALL';
  action: 'CANCEL';
  thresholdPercentage: number;
  minNumberOfExecutedThings: number;
};

export type RetryCriterion = { failureType: 'FAILED' | 'TIMED_OUT' | 'ALL'; numberOfRetries: number };

/** One thing's work on one job. */
export type Execution = {
  jobId: string;
  thingName: string;
  executionNumber: number;
  status: ExecutionStatus;
  statusDetails: Record<string, string>;
  forceCanceled: boolean;
  queuedAt: number;
  startedAt: number | null;
  lastUpdatedAt: number;
  dueAt: number | null;
  versionNumber: number;
};

/** A part of a list; `next` is what to ask for more with. */
export type ExecutionPage = { executions: Execution[]; next: string | null };
export type JobPage = { jobs: JobSummary[]; next: string | null };

export const jobs = {
  page: (status: JobStatus | null, after: string, limit: number) =>
    call<JobPage>('GET', `/v1/jobs?${query({ status, after, limit: String(limit) })}`),
  read: (id: string) => call<Job>('GET', `/v1/jobs/${part(id)}`),
  /** A job, or null where there is none of this id any more. */
  async find(id: string): Promise<Job | null> {
    try {
      return await jobs.read(id);
    } catch (error) {
      if (error instanceof Failure && error.status === 404) return null;
      throw error;
    }
  },
  create: (job: NewJob) => call<Job>('POST', '/v1/jobs', job),
  /** Nobody begins any more; with force those who have begun end too. */
  cancel: (id: string, force: boolean, comment: string) =>
    call<Job>('POST', `/v1/jobs/${part(id)}/cancel`, { force, ...(comment ? { comment } : {}) }),
  executions: (id: string, status: ExecutionStatus | null, after: string, limit: number) =>
    call<ExecutionPage>(
      'GET',
      `/v1/jobs/${part(id)}/executions?${query({ status, after, limit: String(limit) })}`,
    ),
  of: (thing: string, after: string, limit: number) =>
    call<ExecutionPage>('GET', `/v1/things/${part(thing)}/jobs?${query({ after, limit: String(limit) })}`),
};
