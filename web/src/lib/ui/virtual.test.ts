import { expect, it } from 'vitest';
import { visibleRows } from './virtual';

it('draws what is visible and some more', () => {
  expect(visibleRows(1_000, 20, 4_000, 200, 5)).toEqual({ from: 195, to: 215, before: 3_900, after: 15_700 });
});

it('keeps the whole height, wherever it is scrolled', () => {
  for (const scrolled of [-50, 0, 7_777, 20_000, 1e9]) {
    const { from, to, before, after } = visibleRows(1_000, 20, scrolled, 300);
    expect(before + (to - from) * 20 + after).toBe(20_000);
    expect(to - from).toBeLessThan(60);
  }
});

it('draws nothing of nothing', () => {
  expect(visibleRows(0, 20, 0, 300)).toEqual({ from: 0, to: 0, before: 0, after: 0 });
});
