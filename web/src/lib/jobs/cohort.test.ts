import { describe, expect, it } from 'vitest';
import {
  cohortChart,
  cohortText,
  endOf,
  marksFrom,
  marksQuery,
  movesFrom,
  movesQuery,
  stepOf,
  type Move,
} from './cohort';

const START = 1_767_225_600;
const job = { jobId: "o'ta", createdAt: START, startsAt: START, completedAt: null as number | null };
const move = (at: number, from: Move['from'], to: Move['to'], count: number): Move => ({
  at: START + at,
  from,
  to,
  count,
});

it('asks for one job since it was made, and quotes its name', () => {
  for (const query of [movesQuery(job, 5), marksQuery(job)]) {
    expect(query).toContain("= 'o''ta'");
    expect(query).toContain("time >= TIMESTAMP '2026-01-01T00:00:00.000Z'");
  }
  expect(movesQuery(job, 5)).toContain("INTERVAL '5 seconds'");
});

it('steps so that a chart stays small however long a job goes on', () => {
  const over = (seconds: number) => stepOf({ ...job, completedAt: START + seconds }, 0);
  expect([10, 600, 3_600, 86_400, 30 * 86_400].map(over)).toEqual([1, 5, 15, 900, 21_600]);
  expect(over(10 * 365 * 86_400)).toBe(86_400);
  expect(stepOf({ ...job, startsAt: START + 1_000 }, (START + 1_100) * 1_000)).toBe(1);
  expect(endOf(job, 5_500)).toBe(5);
  expect(endOf({ completedAt: 7 }, 5_500)).toBe(7);
});

it('reads what the log has, and leaves out what it does not know', () => {
  const row = { at: '2026-01-01T00:00:05Z', before: null, status: 'QUEUED', executions: 3 };
  expect(
    movesFrom([row, { ...row, before: 'QUEUED', status: 'SUCCEEDED' }, { ...row, status: 'ASLEEP' }]),
  ).toEqual([move(5, null, 'QUEUED', 3), move(5, 'QUEUED', 'SUCCEEDED', 3)]);
});

describe('the chart', () => {
  it('counts who is where, from the end of each step until the end of all', () => {
    const moves = [
      move(0, null, 'QUEUED', 3),
      move(10, 'QUEUED', 'IN_PROGRESS', 2),
      move(60, 'IN_PROGRESS', 'SUCCEEDED', 1),
      move(60, 'IN_PROGRESS', 'FAILED', 1),
    ];
    const marks = [{ time: '2026-01-01T00:00:30Z', text: 'It began' }];
    const chart = cohortChart(moves, marks, { start: START + 2, step: 5, end: START + 100 });
    expect(chart.x.map((at) => at - START)).toEqual([0, 5, 15, 65, 100]);
    expect(chart.lines.map(({ label, values }) => [label, values])).toEqual([
      ['Queued', [0, 3, 1, 1, 1]],
      ['In progress', [0, 0, 2, 0, 0]],
      ['Failed', [0, 0, 0, 1, 1]],
      ['Succeeded', [0, 0, 0, 1, 1]],
    ]);
    expect(chart.marks).toEqual([START + 30]);
    expect(cohortText('ota-7', chart)).toBe(
      'Executions of ota-7 over time. At the end: succeeded 1, failed 1, in progress 0, queued 1.',
    );
  });

  it('counts a further try as another execution', () => {
    const again = cohortChart([move(0, null, 'FAILED', 1), move(5, null, 'QUEUED', 1)], [], {
      start: START - 20,
      step: 1,
      end: START + 6,
    });
    expect(again.lines.map(({ label, values }) => [label, values.at(-1)])).toEqual([
      ['Queued', 1],
      ['Failed', 1],
    ]);
    expect(again.x.map((at) => at - START)).toEqual([-20, 1, 6]);
  });

  it('goes on until the last thing that happened to the job', () => {
    const marks = [{ time: '2026-01-01T00:00:10.500Z', text: 'It was completed' }];
    const moves = [move(0, null, 'SUCCEEDED', 1)];
    const chart = cohortChart(moves, marks, { start: START, step: 1, end: START + 10 });
    expect(chart.x.map((at) => at - START)).toEqual([0, 1, 10.5]);
  });

  it('is empty where nothing happened', () => {
    expect(cohortChart([], [], { start: START, step: 1, end: START })).toMatchObject({ x: [], lines: [] });
  });
});

it('says what happened to the job', () => {
  const changed = (data: object, type = 'trunkline.fleet.job.changed.v1') => ({
    time: '2026-01-01T00:00:00Z',
    type,
    data: JSON.stringify(data),
  });
  const told = (data: object, type?: string) => marksFrom([changed(data, type)]).map(({ text }) => text);
  expect(told({ status: 'SCHEDULED' })).toEqual(['It was made']);
  expect(told({ status: 'IN_PROGRESS' })).toEqual(['It began']);
  expect(told({ status: 'COMPLETED' })).toEqual(['It was completed']);
  expect(told({ status: 'COMPLETED', removed: true })).toEqual([]);
  expect(told({ status: 'ASLEEP' })).toEqual([]);
  expect(told({ status: 'CANCELED', statement: 'select max(t) > 90 from x', by: '' })).toEqual([
    'It called itself off: the gate abort held, select max(t) > 90 from x',
  ]);
  const criterion = { failureType: 'FAILED', thresholdPercentage: 12.5 };
  expect(told({ status: 'CANCELED', criterion, statement: null })).toEqual([
    'It called itself off: 12.5 % of executions ended as FAILED',
  ]);
  expect(told({ status: 'CANCELED', by: 'acc_1', comment: 'The image is broken', reason: 'X' })).toEqual([
    'It was called off by acc_1: The image is broken',
  ]);
  expect(told({ status: 'CANCELED', by: 'acc_1', reason: 'ROLLED_BACK' })).toEqual([
    'It was called off by acc_1: ROLLED_BACK',
  ]);
  const failed = { about: 'advance', reason: 'no such table' };
  expect(told(failed, 'trunkline.fleet.job.question.failed.v1')).toEqual([
    'The statement advance could not be asked: no such table',
  ]);
});
