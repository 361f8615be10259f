import { describe, expect, it } from 'vitest';
import { hear, NOTHING, standingOf, type Heard, type Sign } from './presence';

const STARTED = '2026-01-01T08:00:00Z';
const thing = { name: 'pump-7', created: '2026-01-01T00:00:00Z' };
let place = 0;

function sign(connected: boolean, time: string, more: Partial<Sign> = {}): Sign {
  place += 1;
  return {
    thing: 'pump-7',
    client: 'pump-7',
    connected,
    reason: connected ? '' : 'disconnected',
    time: `2026-01-01T${time}Z`,
    place,
    ...more,
  };
}

function heard(signs: Sign[], message?: string): Heard {
  const messages = message ? [{ thing: 'pump-7', time: `2026-01-01T${message}Z` }] : [];
  return hear(NOTHING, { signs, messages, started: STARTED });
}

const state = (signs: Sign[], message?: string) => standingOf(thing, heard(signs, message)).state;

describe('how a device stands', () => {
  it('is unknown where nobody could ask, and never connected by mistake', () => {
    expect(standingOf(thing, null).state).toBe('unknown');
    expect(standingOf(thing, NOTHING).state).toBe('never');
  });

  it('follows the last sign', () => {
    expect(state([sign(true, '09:00:00')])).toBe('connected');
    const gone = standingOf(thing, heard([sign(true, '09:00:00'), sign(false, '09:05:00')]));
    expect(gone).toMatchObject({
      state: 'gone',
      since: '2026-01-01T09:05:00Z',
      reason: 'disconnected',
      seen: '2026-01-01T09:05:00Z',
    });
  });

  it('goes by the place in the log where times are the same', () => {
    expect(state([sign(false, '09:00:00'), sign(true, '09:00:00')])).toBe('connected');
    expect(state([sign(true, '09:00:00'), sign(false, '09:00:00')])).toBe('gone');
  });

  it('is connected while one of its connections is', () => {
    const other = { client: 'pump-7:log' };
    const standing = standingOf(
      thing,
      heard(
        [sign(true, '09:00:00'), sign(true, '09:01:00', other), sign(false, '09:02:00', other)],
        '09:03:00',
      ),
    );
    expect(standing).toMatchObject({
      state: 'connected',
      since: '2026-01-01T09:00:00Z',
      seen: '2026-01-01T09:03:00Z',
      message: '2026-01-01T09:03:00Z',
    });
  });

  it('does not trust a connection from before the platform started', () => {
    expect(state([sign(true, '07:59:59')])).toBe('unknown');
    expect(state([sign(false, '07:59:59')])).toBe('gone');
    // What it said through that connection does not make it there.
    expect(state([sign(true, '07:00:00')], '07:59:00')).toBe('unknown');
  });

  it('believes a message where connections are older than what was asked for', () => {
    expect(state([], '09:00:00')).toBe('connected');
    expect(state([], '07:00:00')).toBe('unknown');
    // The will of a device is said after it is gone.
    expect(state([sign(false, '09:00:00', { reason: 'lost' })], '09:00:01')).toBe('gone');
  });

  it('leaves out what an earlier device of the same name did', () => {
    const young = { name: 'pump-7', created: '2026-01-01T10:00:00Z' };
    expect(standingOf(young, heard([sign(true, '09:00:00')], '09:30:00'))).toMatchObject({
      state: 'never',
      seen: null,
      message: null,
    });
  });
});

describe('what is heard', () => {
  it('adds up, and the same twice changes nothing', () => {
    const connected = sign(true, '09:00:00');
    const gone = sign(false, '09:05:00');
    const once = heard([connected, gone]);
    const twice = hear(once, { signs: [connected], messages: [], started: STARTED });
    expect(standingOf(thing, twice)).toEqual(standingOf(thing, once));
    const other = hear(once, {
      signs: [sign(true, '09:00:00', { thing: 'b' })],
      messages: [],
      started: STARTED,
    });
    expect(standingOf({ ...thing, name: 'b' }, other).state).toBe('connected');
    expect(standingOf(thing, other).state).toBe('gone');
    expect(once.signs.has('b')).toBe(false);
  });

  it('keeps the newest message', () => {
    const later = hear(heard([], '09:00:00'), {
      signs: [],
      messages: [{ thing: 'pump-7', time: '2026-01-01T08:30:00Z' }],
      started: STARTED,
    });
    expect(standingOf(thing, later).message).toBe('2026-01-01T09:00:00Z');
  });

  it('forgets what was connected when the platform starts anew', () => {
    const before = heard([sign(true, '09:00:00')]);
    const after = hear(before, { signs: [], messages: [], started: '2026-01-01T09:30:00Z' });
    expect(standingOf(thing, before).state).toBe('connected');
    expect(standingOf(thing, after).state).toBe('unknown');
  });
});
