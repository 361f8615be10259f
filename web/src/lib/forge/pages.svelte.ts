import { toFailure, type Failure } from '$lib/api/failure';

/** What the server gives at once, at the most. */
const MOST = 200;

/** A list that comes in parts: what is shown, and whether there may be more. */
export class Parts<T> {
  list = $state.raw<T[] | null>(null);
  failure = $state.raw<Failure | null>(null);
  more = $state(false);
  busy = $state(false);
  readonly #ask: (after: T[], limit: number) => Promise<T[]>;
  readonly #size: number;
  #asked = 0;

  /** `ask` gives at most `limit` of those that come after the ones that are there. */
  constructor(size: number, ask: (after: T[], limit: number) => Promise<T[]>) {
    this.#size = size;
    this.#ask = ask;
  }

  /** Begins anew and shows as many as before, so that a list that is looked at again does not become shorter. */
  load = async (): Promise<void> => {
    // The server gives so many at once. Whoever went further down reads, and is not disturbed.
    if (this.list && this.list.length > MOST) return;
    const limit = Math.max(this.list?.length ?? 0, this.#size);
    await this.#take([], limit, (found) => {
      this.list = found;
      this.more = found.length === limit;
    });
  };

  /** Begins anew with the first part: what is asked for is another list now. */
  reset = async (): Promise<void> => {
    this.list = null;
    this.more = false;
    await this.load();
  };

  next = async (): Promise<void> => {
    const before = this.list ?? [];
    this.busy = true;
    await this.#take(before, this.#size, (found) => {
      this.list = [...before, ...found];
      this.more = found.length === this.#size;
    });
    this.busy = false;
  };

  async #take(after: T[], limit: number, put: (found: T[]) => void) {
    const number = ++this.#asked;
    try {
      const found = await this.#ask(after, limit);
      if (number !== this.#asked) return;
      put(found);
      this.failure = null;
    } catch (error) {
      if (number === this.#asked) this.failure = toFailure(error);
    }
  }
}
