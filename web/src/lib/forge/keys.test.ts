import { expect, it } from 'vitest';
import { PLACES } from '$lib/shell/places';
import { KEYS } from '$lib/state/keys';
import { REVIEW_KEYS, stepTo } from './keys';

it('steps to what is next to the focus and stays at the ends', () => {
  expect(stepTo([-1, 0, 1, 1], 1)).toBe(2);
  expect(stepTo([-1, -1, 0, 1], -1)).toBe(1);
  expect(stepTo([1, 1], 1)).toBe(0);
  expect(stepTo([-1, 0], 1)).toBe(-1);
  expect(stepTo([0, 1], -1)).toBe(-1);
});

it('has no key that begins a way to a place, and lists all of them in the help', () => {
  const first = new Set(PLACES.map((place) => place.keys.split(' ')[0]));
  const told = new Set(KEYS.flatMap((entry) => entry.keys));
  for (const key of Object.keys(REVIEW_KEYS)) {
    expect(first, key).not.toContain(key);
    expect(told, key).toContain(key);
  }
});
