import type { TailRow } from '$lib/api/types';
import { session } from '$lib/state/session.svelte';
import { LiveBuffer, type LiveRow } from './buffer';
import { Tail, type Surroundings, type TailFilter, type TailStatus } from './tail';

const browser: Surroundings = {
  open: (url) => new WebSocket(new URL(url, location.href.replace(/^http/, 'ws'))),
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** The live view's state: the connection, the rows of the list, the pause. */
export class LiveSession {
  rows = $state.raw<LiveRow[]>([]);
  status = $state.raw<TailStatus>({ kind: 'connecting' });
  paused = $state(false);
  /** Rows that came during the pause. */
  waiting = $state(0);
  received = $state(0);
  /** ms since the epoch of the last frame, heartbeats included. */
  lastFrame = $state<number | null>(null);
  next = $state<number | null>(null);

  #buffer = new LiveBuffer();
  #tail: Tail;
  #scheduled: number | null = null;

  constructor(filter: TailFilter) {
    this.#tail = new Tail(
      filter,
      {
        frame: (frame) => this.#receive(frame.rows, frame.next),
        status: (status) => {
          this.status = status;
          // A refused handshake tells the browser nothing, so the session is asked.
          if (status.kind === 'waiting') void session.load().catch(() => undefined);
        },
      },
      browser,
    );
  }

  start() {
    this.#tail.start();
  }

  stop() {
    this.#tail.stop();
    if (this.#scheduled !== null) cancelAnimationFrame(this.#scheduled);
    this.#scheduled = null;
  }

  retry() {
    this.#tail.retry();
  }

  /** Rows of the old filter would mislead beside the new one's, so the list begins anew. */
  setFilter(filter: TailFilter) {
    this.clear();
    this.#tail.setFilter(filter);
  }

  togglePause() {
    if (this.paused) this.#buffer.resume();
    else this.#buffer.pause();
    this.paused = this.#buffer.paused;
    this.#publish();
  }

  clear() {
    this.#buffer.clear();
    this.#publish();
  }

  #receive(rows: TailRow[], next: number) {
    this.lastFrame = Date.now();
    this.next = next;
    if (rows.length === 0) return;
    this.#buffer.push(rows);
    // A hidden tab gets no animation frames; the buffer bounds what gathers meanwhile.
    if (document.hidden) this.#flush();
    else this.#scheduled ??= requestAnimationFrame(() => this.#flush());
  }

  #flush() {
    this.#scheduled = null;
    this.#buffer.flush();
    this.#publish();
  }

  #publish() {
    this.rows = this.#buffer.rows;
    this.waiting = this.#buffer.missedInView;
    this.received = this.#buffer.received;
  }
}
