import { expect, it } from 'vitest';
import { mistakesIn, newJob, noJob, readTargets, type JobDraft } from './draft';
import { newCriterion, NO_RETRIES, retriesMistake } from './ends';
import { noRollout, rolloutMistake, rolloutOf } from './rollout';

const draft = (more: Partial<JobDraft> = {}): JobDraft => ({
  ...noJob('pump-7'),
  id: 'ota-7',
  document: '{"do": "it"}',
  ...more,
});
const SAID = { jobId: 'ota-7', targets: ['pump-7'], document: { do: 'it' } };

it('reads targets', () => {
  expect(readTargets('pump-7, group:cellar\n\npump-7 a:b')).toEqual({
    value: ['pump-7', 'group:cellar', 'a:b'],
    mistake: null,
  });
  expect(readTargets(' ,')).toEqual({ value: [], mistake: null });
  expect(readTargets('pump-7 pump/8').mistake).toContain('pump/8');
  expect(readTargets('group:').mistake).not.toBeNull();
});

it('asks only for what was said', () => {
  expect(newJob(draft())).toEqual(SAID);
  expect(
    newJob(
      draft({
        conditions: { abort: ' select 1 ', everySeconds: 30, timeout: 5 },
        rollback: '{"undo": true}',
        rollout: { ...noRollout(), most: 60, advance: 'select 2' },
        criteria: [
          { failureType: 'FAILED', threshold: 2.5, judged: 10 },
          { ...newCriterion(), threshold: 50 },
        ],
        retries: { ...NO_RETRIES, manner: 'each', failed: 2, timedOut: 1 },
      }),
    ),
  ).toEqual({
    ...SAID,
    gates: { abort: 'select 1', everySeconds: 30 },
    timeoutConfig: { inProgressTimeoutInMinutes: 5 },
    rollbackDocument: { undo: true },
    jobExecutionsRolloutConfig: { maximumPerMinute: 60 },
    jobExecutionsRetryConfig: {
      criteriaList: [
        { failureType: 'FAILED', numberOfRetries: 2 },
        { failureType: 'TIMED_OUT', numberOfRetries: 1 },
      ],
    },
    abortConfig: {
      criteriaList: [
        {
          failureType: 'FAILED',
          action: 'CANCEL',
          thresholdPercentage: 2.5,
          minNumberOfExecutedThings: 10,
        },
        { failureType: 'ALL', action: 'CANCEL', thresholdPercentage: 50, minNumberOfExecutedThings: 1 },
      ],
    },
  });
});

it('is no job while something is missing or wrong', () => {
  expect(newJob(draft({ id: ' ' }))).toBeNull();
  expect(newJob(draft({ targets: '' }))).toBeNull();
  expect(newJob(draft({ document: '' }))).toBeNull();
  expect(newJob(draft({ rollback: '{' }))).toBeNull();
  expect(newJob(draft({ rollout: { ...noRollout(), manner: 'exponential' } }))).toBeNull();
  expect(mistakesIn(draft()).rollout).toBeNull();
});

it('goes by stages, with a gate between them', () => {
  const rollout = { ...noRollout(), manner: 'stages' as const, advance: ' select true ' };
  rollout.stages[0]!.finished = 90;
  rollout.stages[0]!.soak = 30;
  expect(newJob(draft({ rollout }))).toEqual({
    ...SAID,
    gates: { advance: 'select true' },
    jobExecutionsRolloutConfig: {
      stages: [
        { name: 'canary', percentage: 10, finishedPercentage: 90, soakMinutes: 30 },
        { name: 'all', percentage: 100 },
      ],
    },
  });
});

it('says what is wrong with stages', () => {
  const mistake = (...stages: [string, number | null][]) =>
    rolloutMistake({
      ...noRollout(),
      manner: 'stages',
      stages: stages.map(([name, percentage]) => ({ name, percentage, finished: null, soak: null })),
    });
  expect(mistake(['a', 10], ['b', 100])).toBeNull();
  expect(mistake()).toContain('Add a stage');
  expect(mistake(['a b', 100])).toContain('name');
  expect(mistake(['a', null])).toContain('how many');
  expect(mistake(['a', 50], ['b', 50])).toContain('more than');
  expect(mistake(['a', 50])).toContain('100');
});

it('has a rate that grows', () => {
  const growing = { ...noRollout(), manner: 'exponential' as const, base: 5, factor: 1.5 };
  expect(rolloutMistake(growing)).toContain('after how many');
  expect(rolloutMistake({ ...growing, notified: 10, most: 4 })).toContain('more devices a minute');
  expect(rolloutMistake({ ...growing, succeeded: 10, base: null })).toContain('begins');
  expect(rolloutMistake({ ...growing, succeeded: 10 })).toBeNull();
  expect(rolloutOf({ ...growing, succeeded: 10, most: 100 })).toEqual({
    maximumPerMinute: 100,
    exponentialRate: {
      baseRatePerMinute: 5,
      incrementFactor: 1.5,
      rateIncreaseCriteria: { numberOfSucceededThings: 10 },
    },
  });
});

it('says when devices cannot try again like that', () => {
  expect(retriesMistake(NO_RETRIES, false)).toBeNull();
  expect(retriesMistake({ ...NO_RETRIES, manner: 'all', all: 11 }, true)).toContain('10');
  expect(retriesMistake({ ...NO_RETRIES, manner: 'each', timedOut: 1 }, false)).toContain('how long');
  expect(retriesMistake({ ...NO_RETRIES, manner: 'each', timedOut: 1 }, true)).toBeNull();
});
