import type { Comment } from '$lib/api/forge';
import type { Spot } from './diff';

/** What somebody may say of a change. Each throws where the server does not take it. */
export type Talk = {
  comment: (spot: Spot, text: string) => Promise<void>;
  answer: (to: Comment, text: string) => Promise<void>;
  resolve: (one: Comment) => void;
};
