import { session } from '$lib/state/session.svelte';

/** Whether services may be rolled out and back, held and pinned. What a policy adds or takes away, only the server knows. */
export function mayDeploy(): boolean {
  return session.may('developer') && session.reaches('write');
}
