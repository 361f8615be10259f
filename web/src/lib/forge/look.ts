import { Failure } from '$lib/api/failure';
import { repositories, type Entry, type FileInfo, type Folder } from '$lib/api/forge';
import { baseName, folderOf } from './file';

/** What is at a path. */
export type Found =
  { kind: 'folder'; folder: Folder } | { kind: 'file'; entry: Entry; file: FileInfo | null };

/** Whether a failure says that there is nothing: no such commit, folder or file. */
export function isMissing(failure: Failure | null): boolean {
  return failure?.code === 'TL-REPOSITORY-007';
}

/** Looks at a path, which does not tell what it names; the folder that it is in does. */
export async function lookAt(name: string, revision: string, path: string): Promise<Found> {
  if (path === '') return { kind: 'folder', folder: await repositories.folder(name, revision, '') };
  const { entries } = await repositories.folder(name, revision, folderOf(path));
  const entry = entries.find((one) => one.name === baseName(path));
  if (!entry) {
    throw new Failure('There is nothing at this path', `${path} is not in this revision.`, {
      status: 404,
      hint: 'It may be moved or removed. Another revision may have it, and the history says what became of it.',
    });
  }
  if (entry.kind === 'folder') {
    return { kind: 'folder', folder: await repositories.folder(name, revision, path) };
  }
  // What another repository has is not here to be read.
  const file = entry.kind === 'submodule' ? null : await repositories.file(name, revision, path);
  return { kind: 'file', entry, file };
}
