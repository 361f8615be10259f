import { expect, it } from 'vitest';
import { deliveryLink, rangeText, readFilter } from './filter';

it('reads what it wrote, and leaves out what is the default', () => {
  for (const filter of [
    { days: 30, repository: '' },
    { days: 7, repository: 'shop' },
    { days: 365, repository: 'a b&c' },
  ]) {
    const address = deliveryLink(filter);
    expect(readFilter(new URL(address, 'http://x').searchParams)).toEqual(filter);
  }
  expect(deliveryLink({ days: 30, repository: '' })).toBe('/delivery');
});

it('takes the default for what it does not understand', () => {
  for (const days of ['', '8', 'x', '-7']) {
    expect(readFilter(new URLSearchParams({ days })).days).toBe(30);
  }
});

it('says the range in words', () => {
  expect(rangeText({ days: 7, repository: '' })).toBe('the last 7 days');
  expect(rangeText({ days: 365, repository: '' })).toBe('the last year');
});
