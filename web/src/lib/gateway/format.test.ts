import { expect, it } from 'vitest';
import { formatLatency, formatPart, matchOf, routeLink } from './format';

it('writes latencies in the unit that reads best', () => {
  expect([null, 0, 85.4, 1_240, 999_000, 3_200_000].map(formatLatency)).toEqual([
    '–',
    '0 µs',
    '85 µs',
    '1.24 ms',
    '999 ms',
    '3.2 s',
  ]);
});

it('writes parts of a whole', () => {
  expect(formatPart(0, 0)).toBe('–');
  expect(formatPart(0, 10)).toBe('0 %');
  expect(formatPart(1, 3)).toBe('33.3 %');
  expect(formatPart(1, 1e6)).toBe('<0.01 %');
  expect(formatPart(42, 10_000)).toBe('0.42 %');
});

it('says on one line what a route answers to', () => {
  expect(matchOf({ hosts: ['a.org', 'b.org'], path: '/x', methods: ['GET', 'POST'] })).toBe(
    'GET POST a.org/x +1',
  );
  expect(matchOf({ hosts: [], path: '/x', methods: [] })).toBe('/x');
  expect(routeLink('a/b')).toBe('/gateway/routes/a%2Fb');
});
