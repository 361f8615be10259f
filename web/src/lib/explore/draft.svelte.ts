import type { ExploreView } from './view';

/** What the editor holds while other pages are open. */
class Draft {
  text = $state('');
  /** The view that was shown last, to come back to. */
  shown: ExploreView | null = null;
}

export const draft = new Draft();
