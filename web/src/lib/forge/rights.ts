import { session } from '$lib/state/session.svelte';

/** Whether repositories may be made and changed. What a policy adds or takes away, only the server knows. */
export function mayChangeRepositories(): boolean {
  return session.may('operator') && session.reaches('owner');
}

/** Whether changes may be reviewed, commented on, landed and given up. */
export function mayReview(): boolean {
  return session.may('developer') && session.reaches('write');
}

/** Whether the landing queue may be paused. */
export function mayPause(): boolean {
  return session.may('operator') && session.reaches('write');
}
