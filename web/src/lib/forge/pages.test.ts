import { expect, it } from 'vitest';
import { Parts } from './pages.svelte';

function numbers(count: number) {
  const all = Array.from({ length: count }, (_, i) => i);
  const asked: [number, number][] = [];
  const parts = new Parts<number>(2, async (after, limit) => {
    asked.push([after.length, limit]);
    return all.slice(after.length, after.length + limit);
  });
  return { all, asked, parts };
}

it('shows more part by part, until there is no more', async () => {
  const { parts } = numbers(3);
  await parts.load();
  expect([parts.list, parts.more]).toEqual([[0, 1], true]);
  await parts.next();
  expect([parts.list, parts.more]).toEqual([[0, 1, 2], false]);
});

it('looks again at as many as are shown', async () => {
  const { all, asked, parts } = numbers(5);
  await parts.load();
  await parts.next();
  all[0] = 9;
  await parts.load();
  expect(asked.at(-1)).toEqual([0, 4]);
  expect([parts.list, parts.more]).toEqual([[9, 1, 2, 3], true]);
  await parts.reset();
  expect(parts.list).toEqual([9, 1]);
});

it('keeps what it has when a question fails', async () => {
  let works = true;
  const parts = new Parts<number>(2, async () => {
    if (works) return [1];
    throw new Error('no');
  });
  await parts.load();
  works = false;
  await parts.load();
  expect(parts.list).toEqual([1]);
  expect(parts.failure?.message).toBe('no');
});
