import { expect, it } from 'vitest';
import { readTab, serviceLink } from './link';

it('gives every view of a service an address', () => {
  expect(serviceLink('shop')).toBe('/services/shop');
  expect(serviceLink('shop', 'log')).toBe('/services/shop?tab=log');
  expect(readTab(new URLSearchParams('tab=log'))).toBe('log');
  expect(readTab(new URLSearchParams('tab=none'))).toBe('releases');
});
