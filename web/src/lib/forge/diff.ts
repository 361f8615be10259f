import type { Comment, FileDiff, Hunk } from '$lib/api/forge';

export type Side = 'old' | 'new';
/** A line of a diff, as a comment names it. */
export type Spot = { path: string; line: number; side: Side };
/** A line of a hunk with the numbers that it has on the side or sides that it is on. */
export type NumberedLine = { kind: 'same' | 'added' | 'removed'; text: string; old?: number; new?: number };
export type Compared = { old?: number; new: number };
/** A comment with what was answered to it. */
export type Thread = { first: Comment; answers: Comment[] };

/** Files with more lines than this are closed at first, so that a page with a lock file stays quick. */
export const LARGE = 400;
/** The same for what comes after so many lines in all. */
export const MANY = 3_000;

export function numbered(hunk: Hunk): NumberedLine[] {
  let before = hunk.old_line;
  let after = hunk.new_line;
  return hunk.lines.map(({ kind, text }) => {
    if (kind === 'added') return { kind, text, new: after++ };
    if (kind === 'removed') return { kind, text, old: before++ };
    return { kind, text, old: before++, new: after++ };
  });
}

/** Where a comment on a line belongs: the new side wherever the line is on it. */
export function spotOf(file: Pick<FileDiff, 'path' | 'old_path'>, line: NumberedLine): Spot {
  return line.new !== undefined
    ? { path: file.path, line: line.new, side: 'new' }
    : { path: file.old_path ?? file.path, line: line.old ?? 1, side: 'old' };
}

export function spotKey(spot: Spot): string {
  return `${spot.side} ${spot.line} ${spot.path}`;
}

/**
 * What a comment on a spot is about. Where two revisions are compared, the old side is the older revision as it was pushed,
 * so a comment there is one on the new side of that revision.
 */
export function aboutSpot(spot: Spot, compared: Compared) {
  return spot.side === 'old' && compared.old
    ? { ...spot, side: 'new' as const, revision: compared.old }
    : { ...spot, revision: compared.new };
}

/** Comments with their answers, the oldest first. An answer to an answer stands with the first of them. */
export function threads(comments: Comment[]): Thread[] {
  const byId = new Map(comments.map((one) => [one.id, one]));
  const rootOf = (one: Comment): Comment => {
    let root = one;
    // Bounded, so that answers in a circle end.
    for (let steps = 0; steps < comments.length && root.reply_to; steps++) {
      const above = byId.get(root.reply_to);
      if (!above) break;
      root = above;
    }
    return root;
  };
  const found = new Map<string, Thread>();
  for (const one of comments) {
    const root = rootOf(one);
    const thread = found.get(root.id) ?? { first: root, answers: [] };
    if (one.id !== root.id) thread.answers.push(one);
    found.set(root.id, thread);
  }
  return [...found.values()];
}

export type Placed = {
  /** By {@link spotKey}. */
  lines: Map<string, Thread[]>;
  general: Thread[];
  /** Those on lines that this comparison does not show. */
  elsewhere: Thread[];
};

/** Puts the threads of a change to the lines of what is compared. */
export function place(all: Thread[], files: FileDiff[], compared: Compared): Placed {
  const shown = new Set<string>();
  for (const file of files) {
    for (const hunk of file.hunks) {
      for (const line of numbered(hunk)) {
        if (line.new !== undefined) shown.add(spotKey({ path: file.path, line: line.new, side: 'new' }));
        if (line.old !== undefined) {
          shown.add(spotKey({ path: file.old_path ?? file.path, line: line.old, side: 'old' }));
        }
      }
    }
  }
  const placed: Placed = { lines: new Map(), general: [], elsewhere: [] };
  for (const thread of all) {
    const { path, line, side, revision } = thread.first;
    if (!path || !line) {
      placed.general.push(thread);
      continue;
    }
    // With two revisions, the old side shows what was said of the older one's own lines.
    const here: Side | null =
      revision === compared.new && (side === 'new' || !compared.old)
        ? side
        : revision === compared.old && side === 'new'
          ? 'old'
          : null;
    const key = here && spotKey({ path, line, side: here });
    if (key && shown.has(key)) placed.lines.set(key, [...(placed.lines.get(key) ?? []), thread]);
    else placed.elsewhere.push(thread);
  }
  return placed;
}

/** What a line shows of comments: those on its new side and those on its old one. */
export function onLine(placed: Placed, file: FileDiff, line: NumberedLine): Thread[] {
  const at = (spot: Spot) => placed.lines.get(spotKey(spot)) ?? [];
  return [
    ...(line.old === undefined ? [] : at({ path: file.old_path ?? file.path, line: line.old, side: 'old' })),
    ...(line.new === undefined ? [] : at({ path: file.path, line: line.new, side: 'new' })),
  ];
}

export function sizeOf(file: FileDiff): number {
  return file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
}

/** The paths of the files that are open at first. */
export function openAtFirst(files: FileDiff[]): Set<string> {
  const open = new Set<string>();
  let sum = 0;
  for (const file of files) {
    const size = sizeOf(file);
    if (size > LARGE || sum + size > MANY) continue;
    sum += size;
    open.add(file.path);
  }
  return open;
}

/** How many lines came and went in all. */
export function totals(files: FileDiff[]): { added: number; removed: number } {
  return {
    added: files.reduce((sum, file) => sum + file.added, 0),
    removed: files.reduce((sum, file) => sum + file.removed, 0),
  };
}

/** Why there is nothing to see of a file; nothing where there is. */
export function whyNoLines(file: FileDiff): string | null {
  if (file.hunks.length > 0) return null;
  if (file.opaque) return 'It is no text, or too large to be compared.';
  if (file.added + file.removed > 0) return 'The whole answer would be too large, so its lines are left out.';
  return file.status === 'moved'
    ? 'It was moved and nothing in it changed.'
    : 'It is empty, or only its rights changed.';
}

/** The id of the element of a file, which the list of files leads to. */
export function fileAnchor(path: string): string {
  return `file-${encodeURIComponent(path)}`;
}
