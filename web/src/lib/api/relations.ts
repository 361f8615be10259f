import { call, part, query } from './call';

/** An end is `thing:NAME` for a device and `SORT:NAME` for a place, such as `place:cellar`. */
export type Relation = { from: string; kind: string; to: string };

/** A relation of a device that is known, by its other end. */
export type Related = { kind: string; end: string; since: string; by: string };

export type RelationPage = {
  /** Those that begin at the device. */
  outgoing: Related[];
  /** Those that lead there. */
  incoming: Related[];
  /** What to ask for more of those that lead there with. */
  next: string | null;
};

/** Everything that hangs off a device, over however many steps. */
export type Reach = {
  total: number;
  /** False where there are so many that the search was broken off. */
  complete: boolean;
  /** The nearest first. */
  ends: { end: string; distance: number }[];
};

export const relations = {
  of: (thing: string, after: string, limit: number) =>
    call<RelationPage>(
      'GET',
      `/v1/things/${part(thing)}/relations?${query({ after, limit: String(limit) })}`,
    ),
  reach: (thing: string, limit: number) =>
    call<Reach>('GET', `/v1/things/${part(thing)}/reach?${query({ limit: String(limit) })}`),
  put: (relation: Relation) => call<Relation>('PUT', '/v1/relations', relation),
  remove: (relation: Relation) => call<void>('DELETE', `/v1/relations?${query(relation)}`),
};
