import type { NewJob } from '$lib/api/jobs';
import { readObject } from '$lib/devices/desired';
import {
  criteriaOf,
  NO_RETRIES,
  retriesMistake,
  retriesOf,
  type CriterionDraft,
  type RetryDraft,
} from './ends';
import { noRollout, rolloutMistake, rolloutOf, type RolloutDraft } from './rollout';

export type Targets = { value: string[]; mistake: string | null };

/** What ends a job or an execution. */
export type Conditions = {
  /** A statement in SQL; empty where there is none. */
  abort: string;
  everySeconds: number | null;
  /** Minutes that a device may take. */
  timeout: number | null;
};

/** What somebody typed into the form; numbers that were left out are null. */
export type JobDraft = {
  id: string;
  targets: string;
  document: string;
  rollout: RolloutDraft;
  criteria: CriterionDraft[];
  retries: RetryDraft;
  conditions: Conditions;
  /** Empty where nothing is to be rolled back. */
  rollback: string;
};

/** What is wrong with each part; null where it is right. */
export type JobMistakes = Record<'targets' | 'document' | 'rollout' | 'retries' | 'rollback', string | null>;

export function noJob(target = ''): JobDraft {
  return {
    id: '',
    targets: target,
    document: '',
    rollout: noRollout(),
    criteria: [],
    retries: { ...NO_RETRIES },
    conditions: { abort: '', everySeconds: null, timeout: null },
    rollback: '',
  };
}

/** Reads targets, one after another, with commas or blanks between; each counts once. */
export function readTargets(text: string): Targets {
  const value = [...new Set(text.split(/[\s,]+/).filter((one) => one !== ''))];
  const wrong = value.find((one) => !/^[a-zA-Z0-9:_-]{1,134}$/.test(one) || one === 'group:');
  return { value, mistake: wrong === undefined ? null : `${wrong} is no name of a device or group.` };
}

/** What the form says is wrong before anybody is asked. */
export function mistakesIn(draft: JobDraft): JobMistakes {
  return {
    targets: readTargets(draft.targets).mistake,
    document: readObject(draft.document).mistake,
    rollout: rolloutMistake(draft.rollout),
    retries: retriesMistake(draft.retries, draft.conditions.timeout !== null),
    rollback: readObject(draft.rollback).mistake,
  };
}

/** The job as the API takes it; null while something is wrong or missing. Only what was said is in it. */
export function newJob(draft: JobDraft): NewJob | null {
  const targets = readTargets(draft.targets).value;
  const document = draft.document.trim() === '' ? null : readObject(draft.document).value;
  const wrong = Object.values(mistakesIn(draft)).some((mistake) => mistake !== null);
  if (wrong || draft.id.trim() === '' || targets.length === 0 || document === null) return null;
  const rollback = draft.rollback.trim() === '' ? null : readObject(draft.rollback).value;
  const rollout = rolloutOf(draft.rollout);
  const [criteria, retries] = [criteriaOf(draft.criteria), retriesOf(draft.retries)];
  const { timeout } = draft.conditions;
  return {
    jobId: draft.id.trim(),
    targets,
    document,
    ...(rollout ? { jobExecutionsRolloutConfig: rollout } : {}),
    ...(criteria.length > 0 ? { abortConfig: { criteriaList: criteria } } : {}),
    ...(retries.length > 0 ? { jobExecutionsRetryConfig: { criteriaList: retries } } : {}),
    ...(timeout === null ? {} : { timeoutConfig: { inProgressTimeoutInMinutes: timeout } }),
    ...gatesOf(draft),
    ...(rollback === null ? {} : { rollbackDocument: rollback }),
  };
}

/** How often is said only of a gate that there is; to go on to the next stage is asked only where there are stages. */
function gatesOf({ rollout, conditions }: JobDraft): Pick<NewJob, 'gates'> {
  const advance = rollout.manner === 'stages' ? rollout.advance.trim() : '';
  const abort = conditions.abort.trim();
  if (advance === '' && abort === '') return {};
  const { everySeconds } = conditions;
  return {
    gates: {
      ...(advance === '' ? {} : { advance }),
      ...(abort === '' ? {} : { abort }),
      ...(everySeconds === null ? {} : { everySeconds }),
    },
  };
}
