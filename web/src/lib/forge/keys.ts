/** What a key of a review does. */
export type ReviewAct =
  'next-file' | 'previous-file' | 'next-hunk' | 'previous-hunk' | 'comment' | 'approve' | 'ask';

export const REVIEW_KEYS: Record<string, ReviewAct> = {
  j: 'next-file',
  k: 'previous-file',
  n: 'next-hunk',
  p: 'previous-hunk',
  c: 'comment',
  a: 'approve',
  r: 'ask',
};

/**
 * Which of several elements in the order of the page is next. `sides` says for each whether it is before what has the focus
 * (-1), is it (0), or comes after it (1). -1 where there is none.
 */
export function stepTo(sides: number[], step: 1 | -1): number {
  return step === 1 ? sides.findIndex((side) => side > 0) : sides.findLastIndex((side) => side < 0);
}

/** The side of an element of what has the focus. What holds the focus inside of it begins before it. */
export function sideOf(element: Element, focus: Element | null): number {
  if (!focus || focus === document.body) return 1;
  if (element === focus) return 0;
  return element.compareDocumentPosition(focus) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}
