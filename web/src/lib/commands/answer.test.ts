import { expect, it } from 'vitest';
import type { Command, CommandStatus } from '$lib/api/commands';
import { answerText, isAnswered } from './answer';

const command = (status: CommandStatus, more: Partial<Command> = {}): Command => ({
  id: 'cmd_1',
  thing: 'pump-7',
  name: 'reboot',
  status,
  reason: null,
  by: 'acc_1',
  created: '2026-01-01T00:00:00Z',
  deadline: '2026-01-01T00:00:30Z',
  delivered: '2026-01-01T00:00:00Z',
  ended: null,
  payload: null,
  result: null,
  binary: false,
  ...more,
});
const told = (status: CommandStatus, more: Partial<Command> = {}) => {
  const one = command(status, more);
  return answerText(one, one);
};

it('says what came back', () => {
  expect(told('succeeded', { result: { uptime: 3 } })).toBe('{"uptime":3}');
  expect(told('succeeded', { result: 'done' })).toBe('done');
  expect(told('succeeded')).toBe('without a result');
  expect(told('succeeded', { result: 'AAEC', binary: true })).toBe('bytes that are no text');
  expect(told('failed', { reason: 'too hot', result: 91 })).toBe('too hot: 91');
  expect(told('failed', { reason: 'too hot' })).toBe('too hot');
  expect(told('succeeded', { result: 'a'.repeat(500) })).toHaveLength(160);
});

it('says why nothing came back', () => {
  expect(told('sent')).toBe('none yet');
  expect(told('sent', { delivered: null })).toBe('not handed over yet');
  expect(told('timed_out')).toBe('none came in time');
  expect(told('timed_out', { delivered: null })).toBe('it was never handed over');
  expect(told('cancelled')).toBe('not waited for');
  expect(told('cancelled', { reason: 'the thing is gone' })).toBe('the thing is gone');
});

it('knows which commands have an answer to be asked for', () => {
  expect((['succeeded', 'failed'] as const).every((status) => isAnswered(command(status)))).toBe(true);
  expect((['sent', 'timed_out', 'cancelled'] as const).some((status) => isAnswered(command(status)))).toBe(
    false,
  );
  expect(answerText(command('succeeded', { result: 1 }), undefined)).toBe('without a result');
});
