import { error } from '@sveltejs/kit';

// An unknown address keeps the navigation around it, so that the way on is one key away.
export function load() {
  error(404, 'Not found');
}
