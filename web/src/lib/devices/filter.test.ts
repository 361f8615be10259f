import { describe, expect, it } from 'vitest';
import { countStates, devicesLink, fitting, kindsOf, PAGE, pageOf, readFilter, type Device } from './filter';
import type { State } from './presence';

const read = (query: string) => readFilter(new URLSearchParams(query));

function device(name: string, kind = 'pump', state: State = 'connected'): Device {
  return {
    thing: { name, kind, attributes: {}, created: '2026-01-01T00:00:00Z' },
    standing: { state, since: null, reason: '', seen: null, message: null },
  };
}

it('reads back what it writes', () => {
  for (const filter of [
    { q: '', kind: null, state: 'all' as const, group: null, view: 'list' as const, after: '' },
    { q: 'a&b', kind: '', state: 'gone' as const, group: '', view: 'list' as const, after: 'pump-7' },
    { q: '', kind: 'all', state: 'never' as const, group: 'a:b', view: 'map' as const, after: '' },
  ]) {
    expect(read(devicesLink(filter).split('?')[1] ?? '')).toEqual(filter);
  }
  expect(devicesLink({})).toBe('/devices');
  expect(devicesLink({ q: 'x' }, true)).toBe('/devices?q=x&create=device');
  expect(devicesLink({ group: 'cellar', view: 'list' })).toBe('/devices?group=cellar');
  expect(read('state=healthy').state).toBe('all');
  expect(read('view=globe').view).toBe('list');
});

it('finds by group, where there is one to find by', () => {
  const all = [device('pump-1'), device('pump-2')];
  const filter = { q: '', kind: null };
  expect(fitting(all, filter, new Set(['pump-2', 'gone'])).map(({ thing }) => thing.name)).toEqual([
    'pump-2',
  ]);
  expect(fitting(all, filter, new Set())).toEqual([]);
  expect(fitting(all, filter, null)).toEqual(all);
});

it('finds by a part of the name and by kind, none too', () => {
  const all = [device('Pump-1'), device('pump-2', ''), device('valve-1', 'valve', 'gone')];
  const names = (q: string, kind: string | null) => fitting(all, { q, kind }).map(({ thing }) => thing.name);
  expect(names(' PUMP', null)).toEqual(['Pump-1', 'pump-2']);
  expect(names('', '')).toEqual(['pump-2']);
  expect(names('1', 'valve')).toEqual(['valve-1']);
  expect(countStates(all)).toEqual({ connected: 2, gone: 1, unknown: 0, never: 0 });
  expect(kindsOf(all.map(({ thing }) => thing))).toEqual(['', 'pump', 'valve']);
});

describe('pages', () => {
  const all = Array.from({ length: PAGE * 2 + 3 }, (_, i) => device(`d${String(i).padStart(4, '0')}`));

  it('are walked to the end and back', () => {
    const seen: string[] = [];
    let after: string | null = '';
    const begins: string[] = [];
    while (after !== null) {
      begins.push(after);
      const page = pageOf(all, after);
      seen.push(...page.shown.map(({ thing }) => thing.name));
      after = page.next;
    }
    expect(seen).toEqual(all.map(({ thing }) => thing.name));
    expect(begins).toHaveLength(3);
    expect(pageOf(all, begins[2]!).before).toBe(begins[1]);
    expect(pageOf(all, begins[1]!).before).toBe('');
    expect(pageOf(all, '').before).toBeNull();
  });

  it('keep their place when devices before them go', () => {
    const after = pageOf(all, '').next!;
    const rest = all.slice(10);
    expect(pageOf(rest, after).shown[0]).toBe(all[PAGE]);
    expect(pageOf(rest, after).before).toBe('');
  });

  it('show the last devices where the names after are gone', () => {
    expect(pageOf(all, 'z').shown.at(-1)).toBe(all.at(-1));
    expect(pageOf([], 'z')).toEqual({ shown: [], first: 0, before: null, next: null });
  });
});
