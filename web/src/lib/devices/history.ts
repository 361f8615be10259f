import type { JsonObject } from '$lib/api/things';
import { text } from '$lib/explore/objects';
import { readObject } from './desired';
import { changesBetween, type Change } from './document';

/** One version of a twin. */
export type Version = {
  /** What names it in a link: its number, with a mark where the twin was removed, which counts no further. */
  key: string;
  version: number;
  deleted: boolean;
  time: string;
  by: string;
  desired: JsonObject;
  reported: JsonObject;
};

/** The most versions that the slider reaches back. */
export const MOST_VERSIONS = 100;
const REMOVED = '-removed';

/** Versions from rows of the table `twins`, the newest first; gives them the oldest first. */
export function versionsFrom(rows: Record<string, unknown>[]): Version[] {
  return rows
    .map((row) => {
      const [version, deleted] = [Number(row.version), row.deleted === true];
      return {
        key: `${version}${deleted ? REMOVED : ''}`,
        version,
        deleted,
        time: text(row.time),
        by: text(row.by),
        desired: objectOf(row.desired),
        reported: objectOf(row.reported),
      };
    })
    .reverse();
}

/** Which version a link names; the newest where it names none, or one that is not there. */
export function placeOf(versions: Version[], key: string | null): number {
  const found = key === null ? -1 : versions.findIndex((version) => version.key === key);
  return found < 0 ? versions.length - 1 : found;
}

/** What a version changed, or null where the one before it is not known. */
export function changesOf(versions: Version[], place: number): Change[] | null {
  const [version, before] = [versions[place], versions[place - 1]];
  if (!version || (!before && version.version !== 1)) return null;
  const document = ({ desired, reported }: Pick<Version, 'desired' | 'reported'>) => ({ desired, reported });
  const empty = { desired: {}, reported: {} };
  return changesBetween(before ? document(before) : empty, document(version));
}

/** What a version is called. */
export function nameOf(version: Version): string {
  return version.deleted ? `removal after version ${version.version}` : `version ${version.version}`;
}

/** Whether a list is behind the twin as it is: its newest row is older, or it does not have the removal yet. */
export function isBehind(versions: Version[], current: number | null): boolean {
  const last = versions.at(-1);
  if (current === null) return last !== undefined && !last.deleted;
  return !last || last.deleted || last.version < current;
}

function objectOf(value: unknown): JsonObject {
  return readObject(text(value)).value ?? {};
}
