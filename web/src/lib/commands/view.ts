import type { CommandStatus } from '$lib/api/commands';
import { deviceLink } from '$lib/devices/view';
import { COMMAND_STATUSES } from './status';

/** What the commands of a device show; what is absent is the default: the newest, of any status, and none of them opened. */
export type CommandsView = { status?: CommandStatus | null; after?: string; command?: string | null };

export function commandsLink(thing: string, { status, after, command }: CommandsView = {}): string {
  return deviceLink(thing, { tab: 'commands', status, after, command });
}

export function readCommandsView(parameters: URLSearchParams): Required<CommandsView> {
  return {
    status: COMMAND_STATUSES.find((status) => status === parameters.get('status')) ?? null,
    after: parameters.get('after') ?? '',
    command: parameters.get('command'),
  };
}
