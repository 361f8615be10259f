import type { ChangeState } from '$lib/api/forge';

/** A place in a repository; what is absent is the default: the trunk, and the root. */
export type Place = { revision?: string; path?: string; view?: string; skip?: number };

/** The parts of a repository, each a page of its own. */
export type Part = '' | 'history' | 'changes' | 'queue' | 'commit';

/** The address of a folder or file. Paths stand in the query: the server takes a last part with a dot for a file of its own. */
export function placeLink(repository: string, place: Place = {}, part: Part = ''): string {
  const base = `/repositories/${encodeURIComponent(repository)}${part ? `/${part}` : ''}`;
  return link(base, { revision: place.revision, path: place.path, view: place.view });
}

export function commitLink(repository: string, id: string): string {
  return link(`/repositories/${encodeURIComponent(repository)}/commit`, { id });
}

export function changesLink(filter: { repository?: string; state?: string } = {}): string {
  return link('/changes', filter);
}

export function runsLink(repository?: string): string {
  return link('/runs', { repository });
}

/** A change, maybe two of its revisions compared. `old` is absent where it is compared with what it stands on. */
export function changeLink(number: number, compared: { old?: number; new?: number } = {}): string {
  return link(`/changes/${number}`, {
    old: compared.old ? String(compared.old) : undefined,
    new: compared.new ? String(compared.new) : undefined,
  });
}

export const STATES: ChangeState[] = ['open', 'queued', 'landed', 'refused', 'abandoned'];

export function readPlace(parameters: URLSearchParams): Required<Omit<Place, 'skip'>> {
  return {
    revision: parameters.get('revision') ?? '',
    path: (parameters.get('path') ?? '').replace(/^\/+|\/+$/g, ''),
    view: parameters.get('view') ?? '',
  };
}

export function readState(parameters: URLSearchParams): ChangeState | null {
  return STATES.find((state) => state === parameters.get('state')) ?? null;
}

/** The number of a revision in an address, where it is one. */
export function readRevision(parameters: URLSearchParams, name: string): number | undefined {
  const number = Number(parameters.get(name) ?? '');
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

function link(path: string, given: Record<string, string | undefined>): string {
  const entries = Object.entries(given).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const query = new URLSearchParams(entries).toString();
  return query ? `${path}?${query}` : path;
}
