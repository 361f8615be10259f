import { call, part, query } from './call';
import type { components } from './schema';
import { upload, type UploadOptions } from './upload';

/** One version of the image of a kind of devices; it never changes. */
export type Artifact = components['schemas']['Artifact'];
/** A part of the list; `next` is what to ask for more with. */
export type ArtifactPage = { artifacts: Artifact[]; next: string | null };

/** The certificate of the key that signs artifacts. */
export const SIGNER_PATH = '/v1/artifact-signer';

export const artifacts = {
  /** Artifacts in the order of their names and versions; those of one name where it is not empty. */
  page: (name: string, after: string, limit: number) =>
    call<ArtifactPage>('GET', `/v1/artifacts?${query({ name, after, limit: String(limit) })}`),
  read: (name: string, version: string) => call<Artifact>('GET', artifactPath(name, version)),
  /** Uploads a file, which is signed; the same content again changes nothing. */
  upload: (name: string, version: string, file: Blob, options: UploadOptions) =>
    upload<Artifact>(artifactPath(name, version), file, options),
  remove: (name: string, version: string) => call<void>('DELETE', artifactPath(name, version)),
};

/** Where the content of an artifact is. */
export function contentPath(name: string, version: string): string {
  return `${artifactPath(name, version)}/content`;
}

function artifactPath(name: string, version: string): string {
  return `/v1/artifacts/${part(name)}/${part(version)}`;
}
