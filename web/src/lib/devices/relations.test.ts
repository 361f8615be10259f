import { expect, it } from 'vitest';
import { reachText, readDraft, relationOf, thingOf, type RelationDraft } from './relations';

const draft = (more: Partial<RelationDraft>): RelationDraft => ({
  direction: 'outgoing',
  kind: 'talks-through',
  sort: 'thing',
  end: 'gateway-1',
  ...more,
});

it('tells devices from places, whatever stands in their names', () => {
  expect(thingOf('thing:a:b')).toBe('a:b');
  expect(thingOf('things:x')).toBeNull();
  expect(thingOf('place:cellar')).toBeNull();
});

it('leads the way that was chosen', () => {
  expect(readDraft('pump-7', draft({})).relation).toEqual({
    from: 'thing:pump-7',
    kind: 'talks-through',
    to: 'thing:gateway-1',
  });
  expect(readDraft('pump-7', draft({ direction: 'incoming', sort: 'place', end: ' site:hall.2 ' }))).toEqual({
    relation: { from: 'site:hall.2', kind: 'talks-through', to: 'thing:pump-7' },
    mistake: null,
  });
  expect(relationOf('a', 'incoming', { kind: 'feeds', end: 'thing:b' })).toEqual({
    from: 'thing:b',
    kind: 'feeds',
    to: 'thing:a',
  });
});

it('says what is wrong, and nothing while something is missing', () => {
  expect(readDraft('pump-7', draft({ end: '' }))).toEqual({ relation: null, mistake: null });
  expect(readDraft('pump-7', draft({ kind: ' ' }))).toEqual({ relation: null, mistake: null });
  expect(readDraft('pump-7', draft({ kind: 'a/b' })).relation).toBeNull();
  expect(readDraft('pump-7', draft({ end: 'pump-7' })).mistake).toContain('itself');
  expect(readDraft('pump-7', draft({ end: 'a.b' })).mistake).toContain('letters');
  for (const end of ['cellar', 'Place:x', 'thing:x', 'place:', 'place:a/b']) {
    expect(readDraft('pump-7', draft({ sort: 'place', end })).mistake, end).toContain('place:cellar');
  }
});

it('says how far it reaches', () => {
  const ends = [
    { end: 'thing:a', distance: 1 },
    { end: 'thing:b', distance: 3 },
  ];
  expect(reachText({ total: 2, complete: true, ends })).toBe('2 devices and places, over at most 3 steps');
  expect(reachText({ total: 5, complete: true, ends })).toBe('5 devices and places');
  expect(reachText({ total: 2, complete: false, ends })).toBe('at least 2 devices and places');
  expect(reachText({ total: 1, complete: true, ends: ends.slice(0, 1) })).toBe(
    '1 device or place, over at most 1 step',
  );
});
