import { expect, it } from 'vitest';
import { deviceLink, hoursOf } from './view';

it('links to a device, without what is the default', () => {
  expect(deviceLink('a:b')).toBe('/devices/a%3Ab');
  expect(deviceLink('pump-7', { tab: null, shadow: '', version: '3', topic: 'dt/a b' })).toBe(
    '/devices/pump-7?version=3&topic=dt%2Fa+b',
  );
});

it('looks back only as far as is offered', () => {
  const offered = [{ value: 1 }, { value: 24 }];
  const read = (query: string) => hoursOf(new URLSearchParams(query), offered);
  expect([read('hours=24'), read('hours=5'), read('hours=x'), read('')]).toEqual([24, 1, 1, 1]);
});
