import { expect, it } from 'vitest';
import { commandsLink, readCommandsView } from './view';

it('has addresses for what it shows, and reads them back', () => {
  expect(commandsLink('pump:7')).toBe('/devices/pump%3A7?tab=commands');
  const view = { status: 'timed_out' as const, after: 'cmd_1', command: 'cmd_2' };
  const link = commandsLink('pump-7', view);
  expect(link).toBe('/devices/pump-7?tab=commands&status=timed_out&after=cmd_1&command=cmd_2');
  expect(readCommandsView(new URLSearchParams(link.split('?')[1]))).toEqual(view);
});

it('takes nothing that it does not know', () => {
  expect(readCommandsView(new URLSearchParams('status=done'))).toEqual({
    status: null,
    after: '',
    command: null,
  });
});
