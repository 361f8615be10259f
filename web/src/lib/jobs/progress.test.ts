import { expect, it } from 'vitest';
import type { Counts, JobProgress } from '$lib/api/jobs';
import { partsOf, progressText } from './progress';

const NONE: Counts = {
  queued: 0,
  in_progress: 0,
  succeeded: 0,
  failed: 0,
  timed_out: 0,
  rejected: 0,
  removed: 0,
  canceled: 0,
};
const progress = (targets: number, notified: number, executions: Partial<Counts>): JobProgress => ({
  targets,
  notified,
  executions: { ...NONE, ...executions },
  stage: null,
  servedAt: null,
  advance: null,
  failed: {},
});

it('divides the bar by what is done, what goes on and what waits', () => {
  expect(partsOf(progress(8, 4, { succeeded: 1, timed_out: 1, queued: 2 }))).toEqual([
    { status: 'SUCCEEDED', text: 'Succeeded', count: 1, share: 0.125 },
    { status: 'TIMED_OUT', text: 'Timed out', count: 1, share: 0.125 },
    { status: 'QUEUED', text: 'Queued', count: 2, share: 0.25 },
    { status: null, text: 'Not told yet', count: 4, share: 0.5 },
  ]);
});

it('is whole where things try again and where there is nothing', () => {
  const again = partsOf(progress(1, 1, { failed: 2, succeeded: 1 }));
  expect(again.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  expect(partsOf(progress(0, 0, {}))).toEqual([]);
});

it('says how far a job is', () => {
  expect(progressText(progress(2_000, 4, { succeeded: 3 }))).toBe('3 of 2,000 succeeded');
  expect(progressText(progress(9, 9, { succeeded: 3, failed: 1, rejected: 1 }))).toBe(
    '3 of 9 succeeded, 2 went wrong',
  );
});
