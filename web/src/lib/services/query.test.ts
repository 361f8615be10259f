import { expect, it } from 'vitest';
import { requestsQuery, splitQuery, trafficQuery } from './query';

const deployment = {
  id: 'dep_1',
  kind: 'release',
  number: 2,
  release: 'rel_2',
  state: 'canary',
  step: 1,
  percent: 5,
  reason: '',
  by: 'trunk',
  started: '2026-11-27T16:00:00Z',
  changed: '2026-11-27T16:00:00Z',
};
const later = (minutes: number) => Date.parse(deployment.started) + minutes * 60_000;

it('quotes names', () => {
  expect(requestsQuery("o'shop")).toContain(`service = 'o''shop'`);
  expect(splitQuery("o'shop", deployment, later(1))).toContain(`service = 'o''shop'`);
});

it('looks as the judge does, and coarser at what takes long', () => {
  expect(splitQuery('shop', deployment, later(1))).toContain(`INTERVAL '5 seconds'`);
  expect(splitQuery('shop', deployment, later(60))).toContain(`INTERVAL '30 seconds'`);
  expect(splitQuery('shop', deployment, later(600))).toContain(`INTERVAL '10 minutes'`);
  expect(splitQuery('shop', deployment, later(1))).toContain(`release = 'rel_2'`);
  expect(splitQuery('shop', deployment, later(1))).toContain(`TIMESTAMP '2026-11-27T16:00:00Z'`);
});

it('counts requests by minute', () => {
  expect(trafficQuery()).toContain(`INTERVAL '30 minutes'`);
});
