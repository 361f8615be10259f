import { expect, it } from 'vitest';
import type { Deployment, Service } from '$lib/api/services';
import {
  choices,
  healthOf,
  instancesText,
  kindOf,
  outcomeOf,
  stateOf,
  undoable,
  undoneNumber,
} from './words';

const service = (more: Partial<Service> = {}): Service => ({
  name: 'shop',
  repository: 'store',
  folder: 'shop',
  health: 'serving',
  instances: [],
  ...more,
});
const deployment = (more: Partial<Deployment> = {}): Deployment => ({
  id: 'dep_1',
  kind: 'release',
  number: 2,
  release: 'rel_2',
  state: 'canary',
  step: 1,
  percent: 5,
  reason: 'it is well',
  by: 'trunk',
  started: '2026-11-27T16:00:00Z',
  changed: '2026-11-27T16:00:05Z',
  ...more,
});

it('takes no health for well that it does not know', () => {
  expect(healthOf({ health: 'serving' })).toEqual({ status: 'ok', text: 'Serving' });
  expect(healthOf({ health: 'down' }).status).toBe('fail');
  expect(healthOf({ health: 'dreaming' })).toEqual({ status: 'blind', text: 'dreaming' });
});

it('says states and kinds as people do', () => {
  expect(stateOf({ state: 'rolled_back' })).toEqual({ text: 'rolled back', tone: 'danger' });
  expect(stateOf({ state: 'new_one' })).toEqual({ text: 'new_one', tone: 'plain' });
  expect(kindOf(deployment())).toBe('release 2');
  expect(kindOf(deployment({ kind: 'rollback' }))).toBe('back to release 2');
  expect(kindOf(deployment({ kind: 'promotion' }))).toBe('release 2 again');
});

it('offers what the state allows', () => {
  expect(choices({ state: 'canary' })).toEqual({ hold: true, resume: false, skip: true });
  expect(choices({ state: 'held' })).toEqual({ hold: false, resume: true, skip: true });
  expect(choices({ state: 'starting' })).toEqual({ hold: false, resume: false, skip: false });
});

it('undoes a rollback that was the last thing', () => {
  const taken = deployment({ state: 'rolled_back' });
  const back = deployment({ kind: 'rollback', number: 1, state: 'settled' });
  expect(undoable(service(), [taken])).toBe(taken);
  expect(undoneNumber(taken)).toBe(2);
  expect(undoable(service(), [back, taken])).toBe(back);
  // Which release was left, the server knows.
  expect(undoneNumber(back)).toBeUndefined();
  expect(undoable(service(), [deployment({ state: 'settled' }), taken])).toBeNull();
  expect(undoable(service({ deployment: deployment() }), [taken])).toBeNull();
  expect(undoable(service(), [])).toBeNull();
});

it('says how the last deployment ended where that is worth a word', () => {
  expect(outcomeOf(service(), [deployment({ state: 'failed', reason: 'it ended with 1' })])).toEqual({
    kind: 'problem',
    title: 'Release 2 did not start, and got no request',
    text: 'it ended with 1',
  });
  expect(outcomeOf(service(), [deployment({ state: 'rolled_back' })])?.title).toBe(
    'Release 2 was taken back',
  );
  expect(outcomeOf(service(), [deployment({ kind: 'rollback', state: 'settled' })])?.kind).toBe('back');
  expect(outcomeOf(service(), [deployment({ state: 'settled' })])).toBeNull();
});

it('counts instances by what they do', () => {
  expect(instancesText([])).toBe('none');
  expect(instancesText([{ state: 'ready' }, { state: 'ready' }])).toBe('2 ready');
  expect(instancesText([{ state: 'ready' }, { state: 'parked' }, { state: 'starting' }])).toBe(
    '1 ready, 1 parked, 1 on the way',
  );
});
