import { expect, it } from 'vitest';
import { isCommandName, isDeadline, readPayload } from './draft';

it('takes any JSON as a payload, and nothing as none', () => {
  expect(readPayload(' \n')).toEqual({ given: false, value: null, mistake: null });
  expect(readPayload('{"delay": 5}')).toEqual({ given: true, value: { delay: 5 }, mistake: null });
  expect(readPayload('null')).toEqual({ given: true, value: null, mistake: null });
  expect(readPayload('[1, "a"]').value).toEqual([1, 'a']);
  expect(readPayload('{"delay": ').mistake).toContain('not JSON');
});

it('sends no number otherwise than it was typed', () => {
  expect(readPayload('{"a": [{"b": 9007199254740993}]}').mistake).toContain('larger number');
  expect(readPayload('1e999').mistake).toContain('larger number');
  expect(readPayload('{"a": 9007199254740991, "b": 0.1}').mistake).toBeNull();
});

it('knows what a command can be called, and how long it may wait', () => {
  for (const good of ['reboot', 'set.Point_2-b', 'a'.repeat(64)]) expect(isCommandName(good)).toBe(true);
  for (const bad of ['', 'a b', 'a/b', 'a:b', '+', 'a'.repeat(65)]) expect(isCommandName(bad)).toBe(false);
  expect([1, 30, 86_400].every(isDeadline)).toBe(true);
  expect([0, 1.5, 86_401, null].some(isDeadline)).toBe(false);
});
