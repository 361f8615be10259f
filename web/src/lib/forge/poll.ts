/**
 * Does something now and then, but not while nobody looks at the page; gives the function that ends it, for `onMount`.
 * `wanted` is asked each time, so that what is over is left alone.
 */
export function whileVisible(
  milliseconds: number,
  run: () => void,
  wanted: () => boolean = () => true,
): () => void {
  const look = () => {
    if (!document.hidden && wanted()) run();
  };
  const timer = setInterval(look, milliseconds);
  // Whoever comes back sees the present at once.
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
