import createClient from 'openapi-fetch';
import { goto } from '$app/navigation';
import { connection } from '$lib/state/connection.svelte';
import { failureFrom, isAbort, unreachable } from './failure';
import type { paths } from './schema';

/** The generated client. Paths, parameters and answers are typed by `openapi.json`. */
export const client = createClient<paths>({ baseUrl: '', fetch: (request) => watchedFetch(request) });

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** Unwraps an answer: the data, or a thrown {@link Failure}. */
export async function answer<T>(request: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await request;
  if (!response.ok) throw failureFrom(response.status, error);
  return data as T;
}

/** `fetch` that tells the connection badge whether the server answers, and fails with a {@link Failure}. */
export async function watchedFetch(
  input: RequestInfo | URL,
  init?: RequestInit,
  { stay = false } = {},
): Promise<Response> {
  try {
    const response = await fetch(input, init);
    connection.answered();
    if (response.status === 401 && !stay && !addressOf(input).endsWith('/v1/session')) await askToSignIn();
    return response;
  } catch (error) {
    if (isAbort(error)) throw error;
    connection.failed();
    throw unreachable();
  }
}

/** The pages that need no session. */
const OPEN = ['/sign-in', '/join', '/reset'];

/** A session can end at any moment: by its age, by signing out in another tab, by the owner. */
export async function askToSignIn(): Promise<void> {
  if (OPEN.includes(location.pathname)) return;
  await goto(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

function addressOf(input: RequestInfo | URL): string {
  return input instanceof Request ? input.url : String(input);
}
