import { expect, it } from 'vitest';
import { LiveBuffer } from './buffer';

const rows = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ offset: from + i, received: '', table: 'events', row: {} }));
const offsets = (buffer: LiveBuffer) => buffer.rows.map((row) => row.offset);

it('shows what arrived only at the next frame of the screen', () => {
  const buffer = new LiveBuffer();
  buffer.push(rows(1, 2));
  buffer.push(rows(3, 1));
  expect(buffer.rows).toEqual([]);
  expect(buffer.flush()).toBe(true);
  expect(offsets(buffer)).toEqual([1, 2, 3]);
  expect(buffer.flush()).toBe(false);
});

it('keeps the newest rows and counts all', () => {
  const buffer = new LiveBuffer(3);
  buffer.push(rows(1, 10));
  buffer.flush();
  expect(offsets(buffer)).toEqual([8, 9, 10]);
  expect(buffer.received).toBe(10);
});

it('stands still in a pause, counts, and catches up', () => {
  const buffer = new LiveBuffer(4);
  buffer.push(rows(1, 2));
  buffer.pause();
  expect(offsets(buffer)).toEqual([1, 2]);
  buffer.push(rows(3, 6));
  expect(buffer.flush()).toBe(false);
  expect(offsets(buffer)).toEqual([1, 2]);
  expect(buffer.missedInView).toBe(6);
  buffer.resume();
  expect(offsets(buffer)).toEqual([5, 6, 7, 8]);
  expect(buffer.missedInView).toBe(0);
});

it('gives rows of one event different keys', () => {
  const buffer = new LiveBuffer();
  buffer.push([...rows(5, 1), ...rows(5, 1)]);
  buffer.flush();
  expect(new Set(buffer.rows.map((row) => row.key)).size).toBe(2);
});
