import { beforeEach, describe, expect, it } from 'vitest';
import type { TailFrame } from '$lib/api/types';
import { DEAD_AFTER, STALE_AFTER, Tail, tailUrl, type Socket, type TailStatus } from './tail';

/** A world in which time passes when the test says so. */
class World {
  time = 0;
  sockets: (Socket & { url: string; closed: boolean })[] = [];
  timers: { at: number; run: () => void }[] = [];
  frames: TailFrame[] = [];
  statuses: TailStatus['kind'][] = [];

  surroundings = {
    open: (url: string) => {
      const socket = {
        url,
        closed: false,
        onopen: null,
        onmessage: null,
        onclose: null,
        close: () => (socket.closed = true),
      };
      this.sockets.push(socket as unknown as (typeof this.sockets)[number]);
      return socket as unknown as Socket;
    },
    now: () => this.time,
    after: (milliseconds: number, run: () => void) => {
      const timer = { at: this.time + milliseconds, run };
      this.timers.push(timer);
      return () => void (this.timers = this.timers.filter((one) => one !== timer));
    },
    random: () => 0.5,
  };

  events = {
    frame: (frame: TailFrame) => void this.frames.push(frame),
    status: (status: TailStatus) => void this.statuses.push(status.kind),
  };

  get socket() {
    return this.sockets.at(-1)!;
  }

  pass(milliseconds: number) {
    const end = this.time + milliseconds;
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((timer) => timer !== due);
      this.time = due.at;
      due.run();
    }
    this.time = end;
  }

  open() {
    this.socket.onopen?.({} as Event);
  }

  send(frame: unknown) {
    this.socket.onmessage?.({
      data: typeof frame === 'string' ? frame : JSON.stringify(frame),
    } as MessageEvent);
  }

  lose() {
    this.socket.onclose?.({} as CloseEvent);
  }
}

const row = (offset: number) => ({ offset, received: '2026-11-24T12:00:00Z', table: 'events', row: {} });
const none = { tables: [], contains: '' };

describe('Tail', () => {
  let world: World;
  let tail: Tail;

  beforeEach(() => {
    world = new World();
    tail = new Tail(none, world.events, world.surroundings);
    tail.start();
  });

  it('begins at the end of the log', () => {
    expect(world.socket.url).toBe('/v1/tail?from=latest');
    world.open();
    world.send({ rows: [row(7), row(8)], next: 9 });
    expect(world.frames[0]?.rows.map((one) => one.offset)).toEqual([7, 8]);
    expect(tail.next).toBe(9);
  });

  it('goes on where it was, without a gap and without a row twice', () => {
    world.open();
    world.send({ rows: [row(7)], next: 8 });
    world.lose();
    world.pass(500);
    expect(world.socket.url).toBe('/v1/tail?from=8');
    world.open();
    // A server that repeats what it sent does no harm.
    world.send({ rows: [row(7), row(8)], next: 9 });
    expect(world.frames.flatMap((frame) => frame.rows.map((one) => one.offset))).toEqual([7, 8]);
  });

  it('counts a heartbeat as progress', () => {
    world.open();
    world.send({ rows: [], next: 20 });
    world.lose();
    world.pass(500);
    expect(world.socket.url).toBe('/v1/tail?from=20');
  });

  it('waits longer after each failure, up to a bound, and is quick again after a frame', () => {
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      const before = world.time;
      const opened = world.sockets.length;
      world.lose();
      while (world.sockets.length === opened) world.pass(10);
      waits.push(world.time - before);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    world.open();
    world.send({ rows: [], next: 1 });
    const opened = world.sockets.length;
    world.lose();
    world.pass(500);
    expect(world.sockets.length).toBe(opened + 1);
  });

  it('says that it is stale after 20 s of silence and starts anew after 45', () => {
    world.open();
    world.pass(STALE_AFTER - 1);
    expect(world.statuses.at(-1)).toBe('live');
    world.pass(1);
    expect(world.statuses.at(-1)).toBe('stale');
    world.send({ rows: [], next: 3 });
    expect(world.statuses.at(-1)).toBe('live');
    const silent = world.socket;
    world.pass(DEAD_AFTER + 500);
    expect(silent.closed).toBe(true);
    expect(world.sockets).toHaveLength(2);
    expect(world.socket.url).toBe('/v1/tail?from=3');
  });

  it('takes a new filter to the place where it is', () => {
    world.open();
    world.send({ rows: [], next: 5 });
    const old = world.socket;
    tail.setFilter({ tables: ['logs'], contains: 'a b' });
    expect(old.closed).toBe(true);
    expect(world.socket.url).toBe('/v1/tail?from=5&table=logs&contains=a+b');
    // The late end of the old connection changes nothing.
    old.onclose?.({} as CloseEvent);
    world.pass(60_000);
    expect(world.sockets.filter((socket) => !socket.closed)).toHaveLength(1);
  });

  it('does not wait when it is asked not to', () => {
    world.lose();
    tail.retry();
    expect(world.sockets).toHaveLength(2);
    tail.retry();
    expect(world.sockets).toHaveLength(2);
  });

  it('stays stopped', () => {
    world.open();
    tail.stop();
    world.lose();
    world.pass(100_000);
    expect(world.sockets).toHaveLength(1);
    expect(world.statuses.at(-1)).toBe('stopped');
  });

  it('ignores what is no frame', () => {
    world.open();
    for (const odd of ['not json', 'null', '{"rows":1,"next":2}', '{"rows":[]}']) world.send(odd);
    expect(world.frames).toEqual([]);
    expect(tail.next).toBeNull();
  });
});

it('writes the filters into the address', () => {
  expect(tailUrl({ tables: ['a', 'b'], contains: '' }, null)).toBe('/v1/tail?from=latest&table=a%2Cb');
});
