import type { Change, ChangeState, FileDiff, Repository, Run } from '$lib/api/forge';

type Tone = 'plain' | 'accent' | 'ok' | 'warn' | 'danger';

/** The colour of a state; its name stands beside it. */
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

/** What became of a run, in a word or two. */
export function wordOfRun(run: Pick<Run, 'state' | 'flaky' | 'cached'>): string {
  const word = run.flaky ? 'flaky' : run.state === 'timed_out' ? 'out of time' : run.state;
  return run.cached ? `${word}, known before` : word;
}

export function toneOfStage(stage: string): Tone {
  if (stage === 'suspect') return 'warn';
  if (stage === 'green' || stage === 'landing') return 'ok';
  return stage === 'waiting' ? 'plain' : 'accent';
}

/** Whether something becomes of a change by itself, so that it is worth looking again. */
export function isMoving(change: Pick<Change, 'state'>): boolean {
  return change.state === 'queued';
}

/** What became of a file, in a few words. */
export function fateOf(file: Pick<FileDiff, 'status' | 'old_path'>): string {
  return file.status === 'moved' ? `moved from ${file.old_path ?? ''}` : file.status;
}

/** The name of a ref as people say it. */
export function shortRef(name: string): string {
  return name.replace(/^refs\/(heads|tags)\//, '');
}

export function shortId(id: string): string {
  return id.slice(0, 10);
}

/** Why this can be no name of a repository; the server has the same rule. */
export function wrongName(name: string): string | null {
  if (name.length <= 63 && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name)) return null;
  return 'Small letters, digits and -, at most 63, beginning with a letter and not ending with -.';
}

/** The commands that put a first commit into a repository. */
export function beginning(origin: string, { name, trunk }: Pick<Repository, 'name' | 'trunk'>): string {
  return `git remote add trunk ${origin}/git/${name}\ngit push trunk HEAD:${trunk}`;
}
