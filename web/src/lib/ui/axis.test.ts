import { expect, it } from 'vitest';
import { formatCount } from '$lib/format/number';
import { WHOLE_STEPS } from './axis';

it('steps by whole numbers that become larger', () => {
  expect(WHOLE_STEPS.slice(0, 6)).toEqual([1, 2, 5, 10, 20, 50]);
  expect(WHOLE_STEPS.every((step, i) => Number.isInteger(step) && step > (WHOLE_STEPS[i - 1] ?? 0))).toBe(
    true,
  );
});

it('labels no two places of a count alike', () => {
  for (const step of WHOLE_STEPS.slice(0, 12)) {
    const labels = [0, 1, 2, 3].map((at) => formatCount(at * step));
    expect(new Set(labels).size).toBe(labels.length);
  }
});
