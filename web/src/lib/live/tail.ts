import type { TailFrame } from '$lib/api/types';

/** What the server is asked to send. */
export type TailFilter = { tables: string[]; contains: string };

export type TailStatus =
  | { kind: 'connecting' }
  | { kind: 'live' }
  /** Connected, but no frame came for longer than the heartbeat allows. */
  | { kind: 'stale'; since: number }
  | { kind: 'waiting'; until: number; attempt: number }
  | { kind: 'stopped' };

/** The part of a WebSocket that is used; the browser's has it. */
export type Socket = {
  onopen: ((event: Event) => void) | null;
  onmessage: ((message: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  close(): void;
};

/** What the client takes from outside, so that tests need no browser and no waiting. */
export type Surroundings = {
  open(url: string): Socket;
  now(): number;
  after(milliseconds: number, run: () => void): () => void;
  /** From 0 to 1, spreads the reconnects of many tabs. */
  random(): number;
};

export type TailEvents = {
  frame(frame: TailFrame): void;
  status(status: TailStatus): void;
};

/** A frame comes at least every 15 s; later than this the view says that it may be old. */
export const STALE_AFTER = 20_000;
/** After this long without a frame the connection is taken for dead and made anew. */
export const DEAD_AFTER = 45_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/**
 * Follows the log. It keeps the offset of the next frame, so a connection that breaks goes on from there: no row is missed
 * and none comes twice.
 */
export class Tail {
  #socket: Socket | null = null;
  #stops: (() => void)[] = [];
  #attempt = 0;
  #next: number | null;
  #stopped = true;

  constructor(
    private filter: TailFilter,
    private readonly events: TailEvents,
    private readonly surroundings: Surroundings,
    from: number | null = null,
  ) {
    this.#next = from;
  }

  /** The offset from which the next connection starts; null before the first frame: the end of the log. */
  get next(): number | null {
    return this.#next;
  }

  start() {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    this.#drop();
    this.events.status({ kind: 'stopped' });
  }

  /** Filters are the server's work, so a new one needs a new connection; it starts where the old one was. */
  setFilter(filter: TailFilter) {
    this.filter = filter;
    if (this.#stopped) return;
    this.#attempt = 0;
    this.#drop();
    this.#connect();
  }

  /** Does not wait any longer: the network is back, or somebody pressed the button. */
  retry() {
    if (this.#stopped || this.#socket) return;
    this.#drop();
    this.#connect();
  }

  #connect() {
    this.events.status({ kind: 'connecting' });
    const socket = this.surroundings.open(tailUrl(this.filter, this.#next));
    this.#socket = socket;
    socket.onopen = () => {
      this.events.status({ kind: 'live' });
      this.#watch();
    };
    socket.onmessage = (message) => this.#receive(message.data);
    socket.onclose = () => this.#reconnect();
  }

  #receive(data: unknown) {
    const frame = parseFrame(data);
    if (!frame) return;
    this.#attempt = 0;
    const rows = this.#next === null ? frame.rows : frame.rows.filter((row) => row.offset >= this.#next!);
    this.#next = frame.next;
    this.#watch();
    this.events.status({ kind: 'live' });
    this.events.frame({ ...frame, rows });
  }

  /** (Re)starts the clocks that notice silence. */
  #watch() {
    this.#clearTimers();
    const since = this.surroundings.now();
    this.#stops = [
      this.surroundings.after(STALE_AFTER, () => this.events.status({ kind: 'stale', since })),
      this.surroundings.after(DEAD_AFTER, () => this.#reconnect()),
    ];
  }

  #reconnect() {
    if (this.#stopped) return;
    this.#drop();
    this.#attempt += 1;
    const wait =
      Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.#attempt - 1)) * (0.75 + this.surroundings.random() / 2);
    this.events.status({ kind: 'waiting', until: this.surroundings.now() + wait, attempt: this.#attempt });
    this.#stops = [this.surroundings.after(wait, () => this.#connect())];
  }

  #drop() {
    this.#clearTimers();
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #clearTimers() {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }
}

/** The address of the tail for a filter, from an offset or from the end of the log. */
export function tailUrl(filter: TailFilter, next: number | null): string {
  const parameters = new URLSearchParams({ from: next === null ? 'latest' : String(next) });
  if (filter.tables.length > 0) parameters.set('table', filter.tables.join(','));
  if (filter.contains) parameters.set('contains', filter.contains);
  return `/v1/tail?${parameters}`;
}

function parseFrame(data: unknown): TailFrame | null {
  if (typeof data !== 'string') return null;
  try {
    const frame: unknown = JSON.parse(data);
    if (typeof frame !== 'object' || frame === null) return null;
    const { rows, next } = frame as Partial<TailFrame>;
    return Array.isArray(rows) && typeof next === 'number' ? (frame as TailFrame) : null;
  } catch {
    return null;
  }
}
