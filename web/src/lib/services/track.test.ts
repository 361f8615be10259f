import { describe, expect, it } from 'vitest';
import type { Deployment } from '$lib/api/services';
import { planOf, track } from './track';

const TOML = `
name = "shop"
[run]
cmd = "./shop"
[route]
path = "/shop" # below the shop's host
[deploy]
# steps = ["1% 1m"]
steps = [
  "10% 2m",
  "50% 5m",
]
bake = "15m"
[rollback]
data = "contract"
`;

describe('planOf', () => {
  it('reads steps and baking', () => {
    expect(planOf(TOML)).toEqual({
      steps: [
        { percent: 10, pause: '2m' },
        { percent: 50, pause: '5m' },
      ],
      bake: '15m',
    });
  });

  it('takes what is usual where nothing is said', () => {
    const plan = planOf('name = "shop"\n[route]\npath = "/shop"\n');
    expect(plan.steps.map(({ percent }) => percent)).toEqual([5, 25]);
    expect(plan.bake).toBe('30m');
  });

  it('knows no steps where no requests are shared', () => {
    expect(planOf('name = "worker"\n[deploy]\nsteps = ["5% 1m"]').steps).toEqual([]);
    expect(planOf('[route]\npath = "/"\n[deploy]\nstrategy = "blue-green"').steps).toEqual([]);
  });
});

describe('track', () => {
  const deployment = (more: Partial<Deployment>): Deployment => ({
    id: 'dep_1',
    kind: 'release',
    number: 2,
    release: 'rel_2',
    state: 'canary',
    step: 1,
    percent: 10,
    reason: '',
    by: 'trunk',
    started: '2026-11-27T16:00:00Z',
    changed: '2026-11-27T16:00:00Z',
    ...more,
  });
  const plan = planOf(TOML);
  const here = (more: Partial<Deployment>) =>
    track(deployment(more), plan).find(({ at }) => at === 'here')?.text;

  it('shows all that is ahead', () => {
    expect(track(deployment({}), plan).map(({ text, at }) => `${text} ${at}`)).toEqual([
      'Files behind',
      'Start behind',
      '10% here',
      '50% ahead',
      '90% ahead',
      '100% ahead',
    ]);
  });

  it('knows where each state is', () => {
    expect(here({ state: 'queued', step: 1 })).toBeUndefined();
    expect(here({ state: 'fetching', step: 1 })).toBe('Files');
    expect(here({ state: 'starting', step: 1 })).toBe('Start');
    expect(here({ step: 2, percent: 50 })).toBe('50%');
    expect(here({ state: 'held', step: 2, percent: 50 })).toBe('50%');
    expect(here({ state: 'baking', step: 0, percent: 90 })).toBe('90%');
    expect(here({ state: 'held', step: 0, percent: 90 })).toBe('90%');
    expect(here({ state: 'rolling_back', step: 1, percent: 0 })).toBe('10%');
    expect(here({ state: 'settled', step: 0, percent: 100 })).toBe('100%');
  });

  it('shows the step that it is at where the plan could not be read', () => {
    expect(track(deployment({}), null).map(({ text }) => text)).toEqual([
      'Files',
      'Start',
      '10%',
      '90%',
      '100%',
    ]);
  });

  it('has no steps on the way back', () => {
    const back = track(deployment({ kind: 'rollback', state: 'starting', step: 0 }), plan);
    expect(back.map(({ text }) => text)).toEqual(['Files', 'Start', '100%']);
    expect(here({ kind: 'rollback', state: 'settled', step: 0 })).toBe('100%');
  });
});
