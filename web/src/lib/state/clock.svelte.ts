import { createSubscriber } from 'svelte/reactivity';

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 1_000);
  return () => clearInterval(timer);
});

/** The present in ms since the epoch. Read inside a component, it renders again each second. */
export function now(): number {
  subscribe();
  return Date.now();
}
