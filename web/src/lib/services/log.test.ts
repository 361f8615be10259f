import { expect, it } from 'vitest';
import { lineOf } from './log';

it('takes the time off a line', () => {
  expect(lineOf('2026-11-27T16:21:48.600519Z GET /shop 200')).toEqual({
    time: '2026-11-27T16:21:48.600519Z',
    text: 'GET /shop 200',
  });
  expect(lineOf('no time')).toEqual({ time: null, text: 'no time' });
  expect(lineOf('2026-11-27T16:21:48Z')).toEqual({ time: '2026-11-27T16:21:48Z', text: '' });
});
