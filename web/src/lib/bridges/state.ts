import type { Bridge, BridgeProblem, BridgeSide } from '$lib/api/bridges';

/** How a connection of a bridge is, as it is shown. */
export type SideLook = { status: 'ok' | 'warn' | 'fail' | 'blind'; text: string };

/** How a connection is; one that could not be asked about is not known to stand. */
export function sideLook(side: BridgeSide, asked: boolean): SideLook {
  if (!asked) return { status: 'blind', text: 'Not known' };
  if (side.connected && side.subscribed === false)
    return { status: 'warn', text: 'Connected, former filters not ended' };
  if (side.connected) return { status: 'ok', text: 'Connected' };
  // One that nobody has tried yet has neither stood nor failed.
  if (side.since === null && side.last_error === null) return { status: 'blind', text: 'Never connected' };
  return { status: 'fail', text: 'Not connected' };
}

/** Whether messages go both ways. */
export function stands({ local, remote }: Bridge): boolean {
  return local.connected && remote.connected;
}

/** Whether there is something about a bridge to be looked at. */
export function isTroubled({ local, remote, out, in: inward, problems }: Bridge): boolean {
  const unsound = [local, remote].some((side) => sideLook(side, true).status !== 'ok');
  return unsound || problems.length > 0 || out.dropped + inward.dropped > 0;
}

/** What is wrong with the files of bridges, with the key that is to blame and what to do. */
export function problemsOf(bridges: Bridge[]): { file: string; line: number | null; text: string }[] {
  return bridges.flatMap(({ problems }) =>
    problems.map((problem) => ({ file: problem.file, line: problem.line, text: problemText(problem) })),
  );
}

function problemText({ key, text, hint }: BridgeProblem): string {
  return `${key ? `${key}: ` : ''}${text}${hint ? ` (${hint})` : ''}`;
}
