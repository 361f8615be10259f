import { expect, it } from 'vitest';
import { newJob, NO_CONDITIONS, readTargets } from './draft';

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
  const none = { rate: null, threshold: null, conditions: NO_CONDITIONS, rollback: null };
  const draft = { id: 'ota-7', targets: ['a'], document: { do: 'it' }, ...none };
  const conditions = { abort: ' select 1 ', everySeconds: 30, timeout: 5 };
  const undo = { undo: true };
  expect(newJob({ ...draft, judged: null, conditions, rollback: undo })).toMatchObject({
    gates: { abort: 'select 1', everySeconds: 30 },
    timeoutConfig: { inProgressTimeoutInMinutes: 5 },
    rollbackDocument: undo,
  });
  expect(newJob({ ...draft, judged: 5 })).toEqual({ jobId: 'ota-7', targets: ['a'], document: { do: 'it' } });
  expect(newJob({ ...draft, rate: 60, threshold: 2.5, judged: 10 })).toMatchObject({
    jobExecutionsRolloutConfig: { maximumPerMinute: 60 },
    abortConfig: {
      criteriaList: [
        {
          failureType: 'ALL',
          action: 'CANCEL',
          thresholdPercentage: 2.5,
          minNumberOfExecutedThings: 10,
        },
      ],
    },
  });
});
