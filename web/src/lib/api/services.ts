import { call } from './call';
import { answer, client } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Service = Schemas['ServiceInfo'];
export type Release = Schemas['ReleaseInfo'];
export type Deployment = Schemas['DeploymentInfo'];
export type Instance = Schemas['InstanceInfo'];
export type Rollback = Schemas['RollbackInfo'];
export type Wish = Schemas['Wish'];
export type Act = 'promote' | 'hold' | 'resume' | 'skip' | 'pin' | 'unpin';

const named = (service: string) => ({ path: { service } });

/** What is run of the trunks, and what becomes of its releases. */
export const services = {
  // The schema of service accounts has the same name as that of this list, so the generated type is the other's.
  list: async () => (await call<{ services: Service[] }>('GET', '/v1/services')).services,
  read: (name: string) => answer(client.GET('/v1/services/{service}', { params: named(name) })),
  releases: (name: string) =>
    answer(client.GET('/v1/services/{service}/releases', { params: named(name) })).then(
      (found) => found.releases,
    ),
  deployments: (name: string) =>
    answer(client.GET('/v1/services/{service}/deployments', { params: named(name) })).then(
      (found) => found.deployments,
    ),
  log: (name: string, lines: number) =>
    answer(client.GET('/v1/services/{service}/log', { params: { ...named(name), query: { lines } } })).then(
      (found) => found.lines,
    ),
  /** What going back would do, without doing it. */
  explain: (name: string, number?: number) =>
    answer(client.GET('/v1/services/{service}/rollback', { params: { ...named(name), query: { number } } })),
  rollBack: (name: string, wish: Wish) =>
    answer(client.POST('/v1/services/{service}/rollback', { params: named(name), body: wish })),
  act: (name: string, act: Act, wish: Wish = {}) =>
    answer(
      client.POST('/v1/services/{service}/{act}', {
        params: { path: { service: name, act } },
        body: wish,
      }),
    ),
};
