import { session } from '$lib/state/session.svelte';

/** Whether devices may be made and removed, and their secrets renewed. */
export function mayChangeDevices(): boolean {
  return session.may('operator') && session.reaches('owner');
}

/** Whether twins may be changed. */
export function mayChangeTwins(): boolean {
  return session.may('developer') && session.reaches('write');
}

/** Whether artifacts may be uploaded and removed. */
export function mayChangeArtifacts(): boolean {
  return session.may('operator') && session.reaches('write');
}
