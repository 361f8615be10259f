import { expect, it } from 'vitest';
import type { Bridge, BridgeFlow, BridgeSide } from '$lib/api/bridges';
import { isTroubled, problemsOf, sideLook, stands } from './state';

const side = (more: Partial<BridgeSide> = {}): BridgeSide => ({
  connected: true,
  since: '2026-01-01T00:00:00Z',
  connections: 1,
  last_error: null,
  ...more,
});
const flow = (more: Partial<BridgeFlow> = {}): BridgeFlow => ({
  received: 0,
  forwarded: 0,
  waiting: 0,
  dropped: 0,
  returned: 0,
  unwanted: 0,
  ...more,
});
const bridge = (more: Partial<Bridge> = {}): Bridge => ({
  name: 'aws',
  server: 'mqtts://example:8883',
  local: side(),
  remote: side(),
  out: flow(),
  in: flow(),
  problems: [],
  ...more,
});

it('is green only where it is known to stand', () => {
  expect(sideLook(side(), true).status).toBe('ok');
  expect(sideLook(side({ subscribed: true }), true).status).toBe('ok');
  expect(sideLook(side(), false)).toEqual({ status: 'blind', text: 'Not known' });
  expect(sideLook(side({ subscribed: false }), true).status).toBe('warn');
  expect(sideLook(side({ connected: false }), true).status).toBe('fail');
  expect(sideLook(side({ connected: false, since: null, last_error: 'refused' }), true).status).toBe('fail');
  expect(sideLook(side({ connected: false, since: null }), true)).toEqual({
    status: 'blind',
    text: 'Never connected',
  });
});

it('finds the bridges that are to be looked at', () => {
  expect(stands(bridge())).toBe(true);
  expect(stands(bridge({ remote: side({ connected: false }) }))).toBe(false);
  // Messages go both ways while the filters of a former file end.
  expect(stands(bridge({ remote: side({ subscribed: false }) }))).toBe(true);
  expect(isTroubled(bridge({ remote: side({ subscribed: false }) }))).toBe(true);
  expect(isTroubled(bridge())).toBe(false);
  expect(isTroubled(bridge({ local: side({ connected: false }) }))).toBe(true);
  expect(isTroubled(bridge({ in: flow({ dropped: 1 }) }))).toBe(true);
  expect(isTroubled(bridge({ out: flow({ returned: 5, unwanted: 2, waiting: 3 }) }))).toBe(false);
});

it('says what is wrong with a file, where, and what to do', () => {
  const problem = { file: 'bridge/aws.toml', line: 3, key: null, text: 'it is no TOML', hint: null };
  const broken = bridge({
    problems: [
      problem,
      { ...problem, line: null, key: 'out[0].filter', text: 'it is empty', hint: 'write dt/#' },
    ],
  });
  expect(problemsOf([bridge(), broken])).toEqual([
    { file: 'bridge/aws.toml', line: 3, text: 'it is no TOML' },
    { file: 'bridge/aws.toml', line: null, text: 'out[0].filter: it is empty (write dt/#)' },
  ]);
  expect(isTroubled(broken)).toBe(true);
});
