import { answer, client } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Repository = Schemas['RepositoryInfo'];
export type Entry = Schemas['Entry'];
export type Commit = Schemas['Commit'];
export type Change = Schemas['Change'];
export type ChangeDetails = Schemas['ChangeDetails'];
export type ChangeState = Schemas['ChangeState'];
export type Comment = Schemas['Comment'];
export type FileDiff = Schemas['FileDiff'];
export type Hunk = Schemas['Hunk'];
export type Queue = Schemas['QueueReport'];
export type Run = Schemas['Run'];

const named = (repository: string) => ({ path: { repository } });
const numbered = (change: number) => ({ path: { change } });

/** Git hosting, changes and the landing queue. */
export const forge = {
  repositories: () => answer(client.GET('/v1/repositories')).then((found) => found.repositories),
  repository: (name: string) => answer(client.GET('/v1/repositories/{repository}', { params: named(name) })),
  create: (name: string, description: string) =>
    answer(client.POST('/v1/repositories', { body: { name, description } })),
  folder: (name: string, path: string) =>
    answer(
      client.GET('/v1/repositories/{repository}/folder', { params: { ...named(name), query: { path } } }),
    ),
  file: (name: string, path: string) =>
    answer(client.GET('/v1/repositories/{repository}/file', { params: { ...named(name), query: { path } } })),
  blame: (name: string, path: string) =>
    answer(
      client.GET('/v1/repositories/{repository}/blame', { params: { ...named(name), query: { path } } }),
    ),
  history: (name: string, path: string) =>
    answer(
      client.GET('/v1/repositories/{repository}/history', { params: { ...named(name), query: { path } } }),
    ).then((found) => found.commits),
  queue: (name: string) => answer(client.GET('/v1/repositories/{repository}/queue', { params: named(name) })),
  pause: (name: string, paused: boolean, reason: string) =>
    answer(
      client.PATCH('/v1/repositories/{repository}/queue', { params: named(name), body: { paused, reason } }),
    ),
  changes: (filter: { repository?: string; state?: ChangeState; limit?: number }) =>
    answer(client.GET('/v1/changes', { params: { query: filter } })).then((found) => found.changes),
  change: (number: number) => answer(client.GET('/v1/changes/{change}', { params: numbered(number) })),
  diff: (number: number, old?: number) =>
    answer(
      client.GET('/v1/changes/{change}/diff', { params: { ...numbered(number), query: old ? { old } : {} } }),
    ).then((found) => found.files),
  comment: (number: number, comment: Schemas['NewComment']) =>
    answer(client.POST('/v1/changes/{change}/comments', { params: numbered(number), body: comment })),
  resolve: (number: number, comment: string, resolved: boolean) =>
    answer(
      client.PATCH('/v1/changes/{change}/comments/{comment}', {
        params: { path: { change: number, comment } },
        body: { resolved },
      }),
    ),
  review: (number: number, revision: number, verdict: Schemas['ReviewVerdict']) =>
    answer(
      client.PUT('/v1/changes/{change}/review', { params: numbered(number), body: { revision, verdict } }),
    ),
  land: (number: number) => answer(client.POST('/v1/changes/{change}/land', { params: numbered(number) })),
  abandon: (number: number) =>
    answer(client.POST('/v1/changes/{change}/abandon', { params: numbered(number) })),
  runs: (change: number) =>
    answer(client.GET('/v1/runs', { params: { query: { change, limit: 100 } } })).then((found) => found.runs),
  run: (run: string) => answer(client.GET('/v1/runs/{run}', { params: { path: { run } } })),
  log: (run: string, from: number) =>
    answer(client.GET('/v1/runs/{run}/log', { params: { path: { run }, query: { from } } })),
};
