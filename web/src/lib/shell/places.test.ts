import { expect, it } from 'vitest';
import { crumbsOf, groupsFor, PLACES } from './places';

it('shows each role the pages that it gets something from', () => {
  const shown = (role: Parameters<typeof groupsFor>[0]) =>
    groupsFor(role).flatMap((group) => group.places.map((place) => place.text));
  expect(shown('owner')).toEqual(PLACES.map((place) => place.text));
  expect(shown('viewer')).toContain('People');
  expect(shown('viewer')).toContain('Devices');
  expect(shown('viewer')).toContain('Jobs');
  expect(shown('viewer')).toContain('Bridges');
  for (const page of ['Groups', 'Types', 'Artifacts']) expect(shown('viewer')).toContain(page);
  expect(shown('viewer')).not.toContain('Audit');
});

it('gives every page keys of its own', () => {
  expect(new Set(PLACES.map((place) => place.keys)).size).toBe(PLACES.length);
});

it('names the way to a page', () => {
  expect(crumbsOf('/gateway/routes/orders%20v2')).toEqual([
    { text: 'Gateway', href: '/gateway' },
    { text: 'orders v2' },
  ]);
  expect(crumbsOf('/devices/pump%3A7')).toEqual([{ text: 'Devices', href: '/devices' }, { text: 'pump:7' }]);
  expect(crumbsOf('/jobs/ota-7')).toEqual([{ text: 'Jobs', href: '/jobs' }, { text: 'ota-7' }]);
  expect(crumbsOf('/types/pump')).toEqual([{ text: 'Types', href: '/types' }, { text: 'pump' }]);
  expect(crumbsOf('/groups/a%3Ab')).toEqual([{ text: 'Groups', href: '/groups' }, { text: 'a:b' }]);
  expect(crumbsOf('/artifacts/pump@1.4.0%2B7/about')).toEqual([
    { text: 'Artifacts', href: '/artifacts' },
    { text: 'pump@1.4.0+7' },
  ]);
  expect(crumbsOf('/services/shop')).toEqual([{ text: 'Services', href: '/services' }, { text: 'shop' }]);
  expect(crumbsOf('/bridges')).toEqual([{ text: 'Bridges', href: '/bridges' }]);
  expect(crumbsOf('/account')).toEqual([{ text: 'Account', href: undefined }]);
  expect(crumbsOf('/no/such')).toEqual([{ text: 'Not found', href: undefined }]);
});
