import { goto } from '$app/navigation';
import { notices } from '$lib/state/notices.svelte';
import { session } from '$lib/state/session.svelte';

/** Ends the session and shows the sign-in page. */
export async function signOut(): Promise<void> {
  try {
    await session.signOut();
    await goto('/sign-in');
  } catch (error) {
    notices.failed('Signing out did not work', error);
  }
}
