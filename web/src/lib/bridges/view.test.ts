import { expect, it } from 'vitest';
import { bridgeEventsQuery, bridgesLink, readShow } from './view';

it('has addresses for what it shows, and takes nothing that it does not know', () => {
  for (const show of ['all', 'troubled'] as const)
    expect(readShow(new URL(bridgesLink(show), 'http://x').searchParams)).toBe(show);
  expect(bridgesLink('all')).toBe('/bridges');
  expect(readShow(new URLSearchParams('show=broken'))).toBe('all');
});

it('asks for what happened to bridges', () => {
  expect(bridgeEventsQuery()).toContain(`LIKE 'trunkline.fleet.bridge.%'`);
});
