import { redirect } from '@sveltejs/kit';
import { toFailure } from '$lib/api/failure';
import { session } from '$lib/state/session.svelte';

export async function load({ url }: { url: URL }) {
  if (session.value) return;
  try {
    await session.load();
  } catch (error) {
    const failure = toFailure(error);
    if (failure.status !== 401) throw failure;
    redirect(307, `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`);
  }
}
