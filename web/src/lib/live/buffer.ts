import type { TailRow } from '$lib/api/types';

/** A row with a number of its own: one event of the log can hold many rows with the same offset. */
export type LiveRow = TailRow & { key: number };

/** Rows kept for the list; older ones are let go. */
export const CAP = 5_000;

/**
 * Gathers rows between two frames of the screen and keeps the newest. While paused the list stands still and new rows wait,
 * as many as the list could hold.
 */
export class LiveBuffer {
  #shown: LiveRow[] = [];
  #arrived: LiveRow[] = [];
  #waiting: LiveRow[] = [];
  #nextKey = 1;
  paused = false;
  /** All rows that came. */
  received = 0;
  /** Rows that came during the pause. */
  missedInView = 0;

  constructor(private readonly cap = CAP) {}

  push(rows: TailRow[]) {
    this.received += rows.length;
    for (const row of rows) this.#arrived.push({ ...row, key: this.#nextKey++ });
  }

  /** Moves what arrived into the list; called once for each frame of the screen. Tells whether the list changed. */
  flush(): boolean {
    if (this.#arrived.length === 0) return false;
    const arrived = this.#arrived;
    this.#arrived = [];
    if (this.paused) {
      this.missedInView += arrived.length;
      this.#waiting = newest([...this.#waiting, ...arrived], this.cap);
      return false;
    }
    this.#shown = newest([...this.#shown, ...arrived], this.cap);
    return true;
  }

  pause() {
    this.flush();
    this.paused = true;
  }

  resume() {
    this.paused = false;
    this.#shown = newest([...this.#shown, ...this.#waiting], this.cap);
    this.#waiting = [];
    this.missedInView = 0;
  }

  clear() {
    this.#shown = [];
    this.#arrived = [];
    this.#waiting = [];
    this.missedInView = 0;
  }

  /** The rows of the list, oldest first. */
  get rows(): LiveRow[] {
    return this.#shown;
  }
}

function newest<T>(rows: T[], cap: number): T[] {
  return rows.length > cap ? rows.slice(rows.length - cap) : rows;
}
