import { toFailure, type Failure } from '$lib/api/failure';

/** Something that a page asks the server for: the last answer, or why there is none. */
export class Loaded<T> {
  value = $state.raw<T | null>(null);
  failure = $state.raw<Failure | null>(null);
  readonly #ask: () => Promise<T>;
  #asked = 0;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  /** Asks; of answers that overtake each other the last question's counts. A failure keeps the older value. */
  load = async (): Promise<void> => {
    const number = ++this.#asked;
    try {
      const value = await this.#ask();
      if (number !== this.#asked) return;
      this.value = value;
      this.failure = null;
    } catch (error) {
      if (number === this.#asked) this.failure = toFailure(error);
    }
  };

  /** Asks now and then every so many ms; gives the function that ends it, for `onMount`. */
  every(milliseconds: number): () => void {
    void this.load();
    const timer = setInterval(() => void this.load(), milliseconds);
    return () => clearInterval(timer);
  }
}
