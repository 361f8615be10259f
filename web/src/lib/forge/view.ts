import type { Change, ChangeState, FileDiff, Hunk, Run } from '$lib/api/forge';

type Tone = 'plain' | 'accent' | 'ok' | 'warn' | 'danger';

/** The colour of a state. */
export function toneOf(state: ChangeState): Tone {
  const tones: Record<ChangeState, Tone> = {
    open: 'warn',
    queued: 'accent',
    landed: 'ok',
    refused: 'danger',
    abandoned: 'plain',
  };
  return tones[state];
}

export function toneOfRun(run: Pick<Run, 'state' | 'flaky'>): Tone {
  if (run.flaky) return 'warn';
  const tones: Record<Run['state'], Tone> = {
    running: 'accent',
    green: 'ok',
    red: 'danger',
    timed_out: 'danger',
    cancelled: 'plain',
  };
  return tones[run.state];
}

/** Whether something becomes of a change by itself, so that it is worth looking again. */
export function isMoving(change: Pick<Change, 'state'>): boolean {
  return change.state === 'queued';
}

/** A line of a hunk with its numbers on both sides. */
export type NumberedLine = { kind: 'same' | 'added' | 'removed'; text: string; old?: number; new?: number };

/** The lines of a hunk with the numbers that they have on the side or sides that they are on. */
export function numbered(hunk: Hunk): NumberedLine[] {
  let before = hunk.old_line;
  let after = hunk.new_line;
  return hunk.lines.map(({ kind, text }) => {
    if (kind === 'added') return { kind, text, new: after++ };
    if (kind === 'removed') return { kind, text, old: before++ };
    return { kind, text, old: before++, new: after++ };
  });
}

/** What became of a file, in a few words. */
export function fateOf(file: Pick<FileDiff, 'status' | 'old_path' | 'opaque'>): string {
  const fates: Record<FileDiff['status'], string> = {
    added: 'added',
    removed: 'removed',
    changed: 'changed',
    moved: `moved from ${file.old_path ?? ''}`,
  };
  return file.opaque ? `${fates[file.status]}, no text or too large` : fates[file.status];
}

/** The address of a folder or file of a repository. Paths stand in the query: the server takes a last part with a dot for a file of its own. */
export function placeLink(repository: string, path = '', tab = ''): string {
  const parameters = new URLSearchParams();
  if (tab) parameters.set('tab', tab);
  if (path) parameters.set('path', path);
  const text = parameters.toString();
  const base = `/repositories/${encodeURIComponent(repository)}`;
  return text ? `${base}?${text}` : base;
}

/** The folders on the way to a path, the path itself last. */
export function wayTo(path: string): { name: string; path: string }[] {
  const names = path.split('/').filter((name) => name !== '');
  return names.map((name, at) => ({ name, path: names.slice(0, at + 1).join('/') }));
}

/** A piece of a line of a log, and its colour where it has one. */
export type Piece = { text: string; tone?: 'danger' | 'ok' | 'warn' | 'accent' | 'muted'; bold: boolean };

const COLOURS: Record<number, Piece['tone']> = {
  31: 'danger',
  32: 'ok',
  33: 'warn',
  34: 'accent',
  35: 'accent',
  36: 'accent',
  90: 'muted',
  91: 'danger',
  92: 'ok',
  93: 'warn',
  94: 'accent',
};

/** A line of a log as pieces: the colours that the platform leaves in it, and nothing else. */
export function pieces(line: string): Piece[] {
  const found: Piece[] = [];
  let tone: Piece['tone'];
  let bold = false;
  // The odd parts are what stands between escape and `m`.
  line.split(/\u001b\[([0-9;]*)m/).forEach((part, at) => {
    if (at % 2 === 0) {
      if (part !== '') found.push({ text: part, tone, bold });
      return;
    }
    for (const code of part.split(';').map(Number)) {
      if (code === 0) [tone, bold] = [undefined, false];
      else if (code === 1) bold = true;
      else if (code === 39) tone = undefined;
      else if (COLOURS[code]) tone = COLOURS[code];
    }
  });
  return found;
}
