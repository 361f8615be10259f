import { answer, client, watchedFetch } from './client';
import { failureFrom } from './failure';
import type { SqlResult } from './types';

/** An id by which a running statement can be cancelled; works without a secure context, unlike `crypto.randomUUID`. */
export function newQueryId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** Runs a statement. */
export async function runSql(query: string, limit: number, queryId: string): Promise<SqlResult> {
  const result = await answer(client.POST('/v1/sql', { body: { query, limit, query_id: queryId } }));
  // The other formats of this route come only to those who ask for them.
  return result as SqlResult;
}

/** Asks the server to stop a statement. */
export async function cancelSql(queryId: string): Promise<void> {
  await answer(client.DELETE('/v1/sql/{query_id}', { params: { path: { query_id: queryId } } }));
}

export type Download = { type: string; extension: string };
export const CSV: Download = { type: 'text/csv', extension: 'csv' };
export const ARROW: Download = { type: 'application/vnd.apache.arrow.stream', extension: 'arrows' };

/** Runs a statement and gives the answer in another format, as a file. */
export async function downloadSql(query: string, limit: number, format: Download): Promise<Blob> {
  const response = await watchedFetch('/v1/sql', {
    method: 'POST',
    headers: { accept: format.type, 'content-type': 'application/json' },
    body: JSON.stringify({ query, limit }),
  });
  if (!response.ok) throw failureFrom(response.status, await response.json().catch(() => null));
  return response.blob();
}
