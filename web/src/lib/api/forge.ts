import { answer, client } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Repository = Schemas['RepositoryInfo'];
export type Entry = Schemas['Entry'];
export type Folder = Schemas['FolderInfo'];
export type FileInfo = Schemas['FileInfo'];
export type Ref = Schemas['RefInfo'];
export type BlameLine = Schemas['BlameLine'];
export type Commit = Schemas['Commit'];
export type Change = Schemas['Change'];
export type ChangeDetails = Schemas['ChangeDetails'];
export type ChangeState = Schemas['ChangeState'];
export type Comment = Schemas['Comment'];
export type NewComment = Schemas['NewComment'];
export type FileDiff = Schemas['FileDiff'];
export type Hunk = Schemas['Hunk'];
export type Queue = Schemas['QueueReport'];
export type Queued = Schemas['QueuedReport'];
export type Run = Schemas['Run'];
export type Verdict = Schemas['ReviewVerdict'];

/** Commits, changes and runs of one page. */
export const PAGE = 50;

const named = (repository: string) => ({ path: { repository } });
const numbered = (change: number) => ({ path: { change } });
/** The server takes the trunk where no revision is named, and not where it is empty. */
const placed = (revision: string, path: string) => ({ ...(revision ? { revision } : {}), path });

/** What a repository has in it. */
export const repositories = {
  list: () => answer(client.GET('/v1/repositories')).then((found) => found.repositories),
  read: (name: string) => answer(client.GET('/v1/repositories/{repository}', { params: named(name) })),
  create: (body: Schemas['NewRepository']) => answer(client.POST('/v1/repositories', { body })),
  refs: (name: string) =>
    answer(client.GET('/v1/repositories/{repository}/refs', { params: named(name) })).then(
      (found) => found.refs,
    ),
  folder: (name: string, revision: string, path: string) =>
    answer(
      client.GET('/v1/repositories/{repository}/folder', {
        params: { ...named(name), query: placed(revision, path) },
      }),
    ),
  file: (name: string, revision: string, path: string) =>
    answer(
      client.GET('/v1/repositories/{repository}/file', {
        params: { ...named(name), query: placed(revision, path) },
      }),
    ),
  blame: (name: string, revision: string, path: string) =>
    answer(
      client.GET('/v1/repositories/{repository}/blame', {
        params: { ...named(name), query: placed(revision, path) },
      }),
    ).then((found) => found.lines),
  history: (name: string, revision: string, path: string, { skip = 0, limit = PAGE } = {}) =>
    answer(
      client.GET('/v1/repositories/{repository}/history', {
        params: { ...named(name), query: { ...placed(revision, path), skip, limit } },
      }),
    ).then((found) => found.commits),
  /** What a commit did, against the first that it stands on. */
  diff: (name: string, commit: string) =>
    answer(
      client.GET('/v1/repositories/{repository}/diff', {
        params: { ...named(name), query: { to: commit } },
      }),
    ).then((found) => found.files),
};

/** What is to land in a repository. */
export const queues = {
  read: (name: string) => answer(client.GET('/v1/repositories/{repository}/queue', { params: named(name) })),
  pause: (name: string, paused: boolean, reason: string) =>
    answer(
      client.PATCH('/v1/repositories/{repository}/queue', { params: named(name), body: { paused, reason } }),
    ),
};

/** Changes and what people say of them. */
export const changes = {
  list: (query: { repository?: string; state?: ChangeState; before?: number; limit?: number }) =>
    answer(client.GET('/v1/changes', { params: { query: { limit: PAGE, ...query } } })).then(
      (found) => found.changes,
    ),
  read: (number: number) => answer(client.GET('/v1/changes/{change}', { params: numbered(number) })),
  diff: (number: number, query: { old?: number; new?: number }) =>
    answer(client.GET('/v1/changes/{change}/diff', { params: { ...numbered(number), query } })).then(
      (found) => found.files,
    ),
  comment: (number: number, body: NewComment) =>
    answer(client.POST('/v1/changes/{change}/comments', { params: numbered(number), body })),
  resolve: (number: number, comment: string, resolved: boolean) =>
    answer(
      client.PATCH('/v1/changes/{change}/comments/{comment}', {
        params: { path: { change: number, comment } },
        body: { resolved },
      }),
    ),
  review: (number: number, revision: number, verdict: Verdict) =>
    answer(
      client.PUT('/v1/changes/{change}/review', { params: numbered(number), body: { revision, verdict } }),
    ),
  land: (number: number) => answer(client.POST('/v1/changes/{change}/land', { params: numbered(number) })),
  abandon: (number: number) =>
    answer(client.POST('/v1/changes/{change}/abandon', { params: numbered(number) })),
};

/** Runs of tasks and what they wrote. */
export const runs = {
  list: (query: { repository?: string; change?: number; before?: string; limit?: number }) =>
    answer(client.GET('/v1/runs', { params: { query: { limit: PAGE, ...query } } })).then(
      (found) => found.runs,
    ),
  read: (run: string) => answer(client.GET('/v1/runs/{run}', { params: { path: { run } } })),
  log: (run: string, from: number) =>
    answer(client.GET('/v1/runs/{run}/log', { params: { path: { run }, query: { from } } })),
};
