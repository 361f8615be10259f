import type { Artifact } from '$lib/api/artifacts';

type Named = Pick<Artifact, 'name' | 'version'>;

/** How many artifacts stand on a page. */
export const ARTIFACTS = 100;

/** What is absent is the default: the first page of all names. */
export type ArtifactsView = { name?: string; after?: string; create?: boolean };

export function artifactsLink({ name, after, create }: ArtifactsView = {}): string {
  const parameters = new URLSearchParams();
  if (name) parameters.set('name', name);
  if (after) parameters.set('after', after);
  if (create) parameters.set('create', 'artifact');
  const text = parameters.toString();
  return text ? `/artifacts?${text}` : '/artifacts';
}

export function readArtifactsView(parameters: URLSearchParams): Required<ArtifactsView> {
  return {
    name: parameters.get('name') ?? '',
    after: parameters.get('after') ?? '',
    create: parameters.get('create') === 'artifact',
  };
}

/** An artifact in one word, as the command line and jobs write it. */
export function titleOf({ name, version }: Named): string {
  return `${name}@${version}`;
}

/** Versions have dots, and the server takes an address that ends with one for a file: so something comes after it. */
export function artifactLink(artifact: Named): string {
  return `/artifacts/${encodeURIComponent(titleOf(artifact)).replace('%40', '@')}/about`;
}

/** The name and version in an address; no name has an `@`. */
export function readTitle(title: string): Named {
  const at = title.indexOf('@');
  return at < 0 ? { name: title, version: '' } : { name: title.slice(0, at), version: title.slice(at + 1) };
}

/** What stands for an artifact in the document of a job; each device gets a link of its own there. */
export function placeholderOf(artifact: Named): string {
  return `\${trunkline:artifact:${titleOf(artifact)}}`;
}

/** The name and version that a file's name seems to say, such as `pump-firmware-1.4.0.bin`. */
export function guessFrom(file: string): Named {
  const match = /^([a-z0-9][\w.-]*?)[-_@]v?(\d[\w.+-]*?)(?:\.[a-z]\w*)*$/i.exec(file);
  return match ? { name: match[1]!, version: match[2]! } : { name: '', version: '' };
}

/** A digest or key by its beginning. */
export function shortened(text: string): string {
  return text.length > 14 ? `${text.slice(0, 12)}…` : text;
}
