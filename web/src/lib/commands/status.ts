import type { CommandStatus } from '$lib/api/commands';

export const COMMAND_STATUSES: CommandStatus[] = ['sent', 'succeeded', 'failed', 'timed_out', 'cancelled'];
export const COMMAND_LOOK: Record<
  CommandStatus,
  { text: string; tone: 'plain' | 'accent' | 'ok' | 'warn' | 'danger' }
> = {
  sent: { text: 'Waits', tone: 'accent' },
  succeeded: { text: 'Succeeded', tone: 'ok' },
  failed: { text: 'Failed', tone: 'danger' },
  timed_out: { text: 'Timed out', tone: 'danger' },
  cancelled: { text: 'Called off', tone: 'warn' },
};
