import { watchedFetch } from './client';
import { Failure, failureFrom } from './failure';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** `stay`: a refusal speaks about a secret that was typed here, not about the session, so the page stays where it is. */
type Options = { stay?: boolean };

/** Calls a route of the API whose types are written by hand; throws a {@link Failure}. */
export async function call<T>(
  method: Method,
  path: string,
  body?: unknown,
  options: Options = {},
): Promise<T> {
  const response = await watchedFetch(
    path,
    {
      method,
      headers: body === undefined ? undefined : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    },
    options,
  );
  const text = response.status === 204 ? '' : await response.text();
  if (!response.ok) throw failureFrom(response.status, parsed(text));
  if (text === '') return undefined as T;
  const value = parsed(text);
  if (typeof value === 'string')
    throw new Failure('The server answered something else than JSON', text.slice(0, 200));
  return value as T;
}

/** A name or id as one part of a path. */
export function part(text: string): string {
  return encodeURIComponent(text);
}

/** The parameters of a path; what is empty is left out. */
export function query(given: Record<string, string | null>): string {
  const entries = Object.entries(given).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return new URLSearchParams(entries).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
