import type { AbortCriterion, RetryCriterion } from '$lib/api/jobs';

/** Ends that count as something going wrong, in words. */
export const ABORT_TYPES: { value: AbortCriterion['failureType']; text: string }[] = [
  { value: 'ALL', text: 'went wrong' },
  { value: 'FAILED', text: 'failed' },
  { value: 'REJECTED', text: 'were rejected' },
  { value: 'TIMED_OUT', text: 'timed out' },
];
export const MOST_CRITERIA = 10;

/** A criterion on which a job calls itself off, as somebody typed it. */
export type CriterionDraft = {
  failureType: AbortCriterion['failureType'];
  threshold: number | null;
  judged: number | null;
};

export function newCriterion(): CriterionDraft {
  return { failureType: 'ALL', threshold: null, judged: 1 };
}

/** The criteria as the API takes them. The form wants numbers of each. */
export function criteriaOf(criteria: CriterionDraft[]): AbortCriterion[] {
  return criteria.map(({ failureType, threshold, judged }) => ({
    failureType,
    action: 'CANCEL',
    thresholdPercentage: threshold ?? 100,
    minNumberOfExecutedThings: judged ?? 1,
  }));
}

/** How often a device tries again: never, so often after whatever went wrong, or so often after each. */
export type RetryDraft = {
  manner: 'none' | 'all' | 'each';
  all: number | null;
  failed: number | null;
  timedOut: number | null;
};

export const MOST_RETRIES = 10;
export const NO_RETRIES: RetryDraft = { manner: 'none', all: 1, failed: null, timedOut: null };

export function retriesOf({ manner, all, failed, timedOut }: RetryDraft): RetryCriterion[] {
  const given: [RetryCriterion['failureType'], number | null][] =
    manner === 'none'
      ? []
      : manner === 'all'
        ? [['ALL', all]]
        : [
            ['FAILED', failed],
            ['TIMED_OUT', timedOut],
          ];
  return given.flatMap(([failureType, number]) =>
    number === null || number === 0 ? [] : [{ failureType, numberOfRetries: number }],
  );
}

/** What the platform would refuse; `timed` says whether a device has a time in which it must be done. */
export function retriesMistake(draft: RetryDraft, timed: boolean): string | null {
  const criteria = retriesOf(draft);
  if (criteria.reduce((sum, { numberOfRetries }) => sum + numberOfRetries, 0) > MOST_RETRIES)
    return `A device tries again ${MOST_RETRIES} times at the most, all reasons together.`;
  if (!timed && criteria.some(({ failureType }) => failureType === 'TIMED_OUT'))
    return 'To try again after a time-out, say how long a device may take.';
  return null;
}
