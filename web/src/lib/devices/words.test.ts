import { expect, it } from 'vitest';
import type { Standing } from './presence';
import { stateDetail, stateText } from './words';

const standing = (part: Partial<Standing>): Standing => ({
  state: 'never',
  since: null,
  reason: '',
  seen: null,
  message: null,
  ...part,
});

it('says that a device was never seen only where that is known', () => {
  const now = Date.parse('2026-03-01T00:00:00Z');
  expect(stateText(standing({}), '2026-02-20T00:00:00Z', now)).toBe('Never seen');
  expect(stateText(standing({}), '2025-02-20T00:00:00Z', now)).toBe('Not seen for 30 days');
  expect(stateText(standing({ state: 'gone' }), '2025-02-20T00:00:00Z', now)).toBe('Gone');
});

it('says why a device is not there', () => {
  expect(stateDetail(standing({ state: 'gone', reason: 'lost' }))).toBe('the connection was lost');
  expect(stateDetail(standing({ state: 'unknown', seen: '2026-01-01T00:00:00Z' }))).toContain('not heard of');
  expect(stateDetail(standing({ state: 'unknown' }))).toBe('');
  expect(stateDetail(standing({ state: 'connected' }))).toBe('');
});
