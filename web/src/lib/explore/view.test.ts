import { expect, it } from 'vitest';
import { chartFrom, exploreLink, exploreView, readView, writeView } from './view';

const view = exploreView({
  query: "SELECT 'ä & b' AS x\n-- 100%",
  limit: 10_000,
  show: 'chart',
  chart: { kind: 'bar', x: 'a b', y: ['c', 'd,e'], series: 's' },
  sort: { column: 'odd:name', descending: true },
  saved: 'Errors / day',
});

it('gives the same view back from its link', () => {
  const url = new URL(exploreLink(view), 'http://host');
  expect(readView(url.searchParams)).toEqual(view);
});

it('leaves defaults out', () => {
  expect(exploreLink({})).toBe('/explore');
  expect(exploreLink({ query: 'SELECT 1' })).toBe('/explore?q=SELECT+1');
});

it('gives equal views equal links, whatever order the parameters came in', () => {
  const entries = [...writeView(view)].reverse();
  // The order of the y columns is part of the view, so only the names are shuffled.
  const shuffled = new URLSearchParams(entries.filter(([name]) => name !== 'y'));
  shuffled.append('y', 'c');
  shuffled.append('y', 'd,e');
  expect(writeView(readView(shuffled)).toString()).toBe(writeView(view).toString());
});

it('falls back where a link says nonsense', () => {
  const odd = new URLSearchParams('q=x&limit=7&show=pie&chart=pie&x=a&y=b&sort=a');
  expect(readView(odd)).toEqual(exploreView({ query: 'x' }));
});

it('reads only charts of a saved query that it knows', () => {
  expect(chartFrom({ kind: 'line', x: 't', y: ['a', 3], series: 4 })).toEqual({
    kind: 'line',
    x: 't',
    y: ['a'],
    series: null,
  });
  for (const odd of [null, 'line', {}, { kind: 'line', x: 't', y: [] }, { kind: 'pie', x: 't', y: ['a'] }]) {
    expect(chartFrom(odd)).toBeNull();
  }
});
