import { call, part, query } from './call';

export type CommandStatus = 'sent' | 'succeeded' | 'failed' | 'timed_out' | 'cancelled';

/** A command in a list. */
export type CommandSummary = {
  id: string;
  thing: string;
  /** What the device is to do. */
  name: string;
  status: CommandStatus;
  /** Why it ended like that, where somebody said so. */
  reason: string | null;
  by: string;
  created: string;
  /** When it is too late for an answer. */
  deadline: string;
  /** When the broker took it; null while it did not. */
  delivered: string | null;
  ended: string | null;
};

/** A command with what was sent and what came back. */
export type Command = CommandSummary & {
  payload: unknown;
  result: unknown;
  /** The device answered with bytes, which the result then is in base64. */
  binary: boolean;
};

/** Without a payload the device gets an empty message. */
export type NewCommand = { name: string; payload?: unknown; deadline_seconds: number };

/** Commands from the newest to the oldest; `next` is what to ask for more with. */
export type CommandPage = { commands: CommandSummary[]; next: string | null };

export const commands = {
  of: (thing: string, status: CommandStatus | null, after: string, limit: number) =>
    call<CommandPage>('GET', `${path(thing)}?${query({ status, after, limit: String(limit) })}`),
  read: (id: string) => call<Command>('GET', `/v1/commands/${part(id)}`),
  /** Sends it and waits for no answer. */
  send: (thing: string, command: NewCommand) => call<Command>('POST', path(thing), command),
  /** The device is not told, and may do it all the same. */
  cancel: (id: string) => call<Command>('DELETE', `/v1/commands/${part(id)}`),
};

function path(thing: string): string {
  return `/v1/things/${part(thing)}/commands`;
}
