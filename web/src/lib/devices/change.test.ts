import { expect, it } from 'vitest';
import { changeBetween } from './change';

const thing = { name: 'pump-7', kind: 'pump', attributes: { site: 'north', floor: 2 }, created: '' };

it('sends only what changes', () => {
  expect(changeBetween(thing, 'pump', { floor: 2, site: 'north' })).toEqual({});
  expect(changeBetween(thing, 'fan', { site: 'north', floor: 2 })).toEqual({ kind: 'fan' });
  expect(changeBetween(thing, 'pump', { site: 'south', floor: 2 })).toEqual({
    attributes: { site: 'south' },
  });
});

it('removes by null what is left out', () => {
  expect(changeBetween(thing, '', { site: 'north', hall: [1] })).toEqual({
    kind: '',
    attributes: { floor: null, hall: [1] },
  });
});
