import { describe, expect, it } from 'vitest';
import { formatAge, formatClock, formatDuration, formatTime } from './time';

describe('formatTime', () => {
  it('writes UTC on a 24-hour clock, milliseconds only where there are some', () => {
    expect(formatTime('2026-11-24T00:05:09Z', 'utc')).toBe('2026-11-24 00:05:09');
    expect(formatTime('2026-11-24T23:59:59.007+02:00', 'utc')).toBe('2026-11-24 21:59:59.007');
  });

  it('writes local time as the browser has it', () => {
    const local = new Date(2026, 0, 2, 13, 4, 5);
    expect(formatTime(local, 'local')).toBe('2026-01-02 13:04:05');
  });

  it('shows what is no time as it is', () => {
    expect(formatTime('soon', 'utc')).toBe('soon');
    expect(formatClock('soon', 'utc')).toBe('soon');
  });

  it('writes only the clock, always with milliseconds so that a column lines up', () => {
    expect(formatClock('2026-11-24T08:00:00Z', 'utc')).toBe('08:00:00.000');
  });
});

describe('formatAge', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  it.each([
    ['2026-11-24T12:00:00.500Z', 'just now'],
    ['2026-11-24T11:59:56.600Z', '3.4 s ago'],
    ['2026-11-24T11:59:15Z', '45 s ago'],
    ['2026-11-24T11:57:55Z', '2 min 5 s ago'],
    ['2026-11-24T11:30:30Z', '29 min ago'],
    ['2026-11-24T08:48:00Z', '3 h 12 min ago'],
    ['2026-11-10T12:00:00Z', '14 d ago'],
    ['2026-11-24T12:14:59Z', 'in 14 min'],
  ])('%s is %s', (value, text) => expect(formatAge(value, now)).toBe(text));
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [840.4, '840 ms'],
    [1_000, '1 s'],
    [59_999, '59 s'],
    [120_000, '2 min'],
    [90_000_000, '1 d 1 h'],
  ])('%d ms is %s', (value, text) => expect(formatDuration(value)).toBe(text));
});
