/** The rows that a scrolled list must draw. */
export type Window = { from: number; to: number; before: number; after: number };

/** Which of `count` rows of `height` px to draw when `viewport` px are visible from `scrolled` on; `before` and `after` are the px left blank. */
export function visibleRows(
  count: number,
  height: number,
  scrolled: number,
  viewport: number,
  spare = 12,
): Window {
  const first = Math.floor(Math.max(0, scrolled) / height);
  const shown = Math.ceil(viewport / height);
  const from = Math.max(0, Math.min(count, first - spare));
  const to = Math.min(count, first + shown + spare);
  return {
    from,
    to: Math.max(from, to),
    before: from * height,
    after: Math.max(0, count - Math.max(from, to)) * height,
  };
}
