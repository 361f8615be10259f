import type { Command, CommandSummary } from '$lib/api/commands';

const LONGEST = 160;

/** Whether the device said something, which only the command itself has and the list has not. */
export function isAnswered(command: CommandSummary): boolean {
  return command.status === 'succeeded' || command.status === 'failed';
}

/** What came back, in short; `whole` is the command itself where it was asked for. */
export function answerText(command: CommandSummary, whole: Command | undefined): string {
  switch (command.status) {
    case 'sent':
      return command.delivered === null ? 'not handed over yet' : 'none yet';
    case 'timed_out':
      return command.delivered === null ? 'it was never handed over' : 'none came in time';
    case 'cancelled':
      return command.reason ?? 'not waited for';
    default:
      return [command.reason, resultText(whole)].filter(Boolean).join(': ') || 'without a result';
  }
}

function resultText(whole: Command | undefined): string {
  if (!whole || whole.result === null) return '';
  if (whole.binary) return 'bytes that are no text';
  const text = typeof whole.result === 'string' ? whole.result : JSON.stringify(whole.result);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
