import type { NewJob } from '$lib/api/jobs';
import type { JsonObject } from '$lib/api/things';

export type Targets = { value: string[]; mistake: string | null };

/** What ends a job or an execution. */
export type Conditions = {
  /** A statement in SQL; empty where there is none. */
  abort: string;
  everySeconds: number | null;
  /** Minutes that a device may take. */
  timeout: number | null;
};
export const NO_CONDITIONS: Conditions = { abort: '', everySeconds: null, timeout: null };

/** What somebody typed into the form; numbers that were left out are null. */
export type Draft = {
  id: string;
  targets: string[];
  document: JsonObject;
  rate: number | null;
  /** From which share of executions that went wrong on the job is called off. */
  threshold: number | null;
  /** How many must have ended before that is judged. */
  judged: number | null;
  conditions: Conditions;
  /** Null where nothing is to be rolled back. */
  rollback: JsonObject | null;
};

/** Reads targets, one after another, with commas or blanks between; each counts once. */
export function readTargets(text: string): Targets {
  const value = [...new Set(text.split(/[\s,]+/).filter((one) => one !== ''))];
  const wrong = value.find((one) => !/^[a-zA-Z0-9:_-]{1,134}$/.test(one) || one === 'group:');
  return { value, mistake: wrong === undefined ? null : `${wrong} is no name of a device or group.` };
}

/** The job as the API takes it. */
export function newJob({
  id,
  targets,
  document,
  rate,
  threshold,
  judged,
  conditions,
  rollback,
}: Draft): NewJob {
  return {
    ...conditionsOf(conditions),
    ...(rollback === null ? {} : { rollbackDocument: rollback }),
    jobId: id,
    targets,
    document,
    ...(rate === null ? {} : { jobExecutionsRolloutConfig: { maximumPerMinute: rate } }),
    ...(threshold === null
      ? {}
      : {
          abortConfig: {
            criteriaList: [
              {
                failureType: 'ALL' as const,
                action: 'CANCEL' as const,
                thresholdPercentage: threshold,
                minNumberOfExecutedThings: judged ?? 1,
              },
            ],
          },
        }),
  };
}

/** How often is said only of a gate that there is. */
function conditionsOf({ abort, everySeconds, timeout }: Conditions): Partial<NewJob> {
  const gates = { abort: abort.trim(), ...(everySeconds === null ? {} : { everySeconds }) };
  return {
    ...(gates.abort === '' ? {} : { gates }),
    ...(timeout === null ? {} : { timeoutConfig: { inProgressTimeoutInMinutes: timeout } }),
  };
}
