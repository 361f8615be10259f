import { expect, it } from 'vitest';
import { changeBetween, draftOf, isReady, newGroup, NO_GROUP, readNames } from './draft';
import { depthOf, groupLink, statementOf } from './view';

const group = (name: string, parent: string | null = null, statement: string | null = null) => ({
  name,
  parent,
  statement,
  description: 'Some',
  created: '2026-01-01T00:00:00Z',
});

it('makes a group of one manner, though something of the other was typed', () => {
  const draft = { ...NO_GROUP, name: ' hall ', statement: ' select 1 ', parent: 'plant' };
  expect(newGroup(draft)).toEqual({ name: 'hall', description: '', parent: 'plant' });
  expect(newGroup({ ...draft, manner: 'statement' })).toEqual({
    name: 'hall',
    description: '',
    statement: 'select 1',
  });
});

it('wants a name, and a statement where one makes it up', () => {
  expect(isReady(NO_GROUP)).toBe(false);
  expect(isReady({ ...NO_GROUP, name: 'a' })).toBe(true);
  expect(isReady({ ...NO_GROUP, name: 'a', manner: 'statement' })).toBe(false);
  expect(isReady({ ...NO_GROUP, name: 'a', manner: 'statement', statement: 'select 1' })).toBe(true);
});

it('sends only what changed', () => {
  const hot = group('hot', null, 'select 1');
  expect(changeBetween(hot, draftOf(hot))).toEqual({});
  expect(changeBetween(hot, { ...draftOf(hot), statement: 'select 2' })).toEqual({ statement: 'select 2' });
  expect(changeBetween(group('a'), { ...draftOf(group('a')), description: '', statement: 'x' })).toEqual({
    description: '',
  });
});

it('reads names of devices', () => {
  expect(readNames('pump-1, pump-2\npump-1')).toEqual({ value: ['pump-1', 'pump-2'], mistake: null });
  expect(readNames('pump/1').mistake).toContain('pump/1');
});

it('knows how deep a group is, also where parents are gone or lead in circles', () => {
  const groups = [group('a'), group('b', 'a'), group('c', 'b'), group('d', 'gone')];
  expect(groups.map((one) => depthOf(one, groups))).toEqual([0, 1, 2, 0]);
  const circle = [group('x', 'y'), group('y', 'x')];
  expect(depthOf(circle[0]!, circle)).toBeGreaterThan(0);
});

it('has an address and a statement for each group', () => {
  expect(groupLink('a:b')).toBe('/groups/a%3Ab');
  expect(statementOf(group('hot', null, 'select 1'))).toBe('select 1');
  expect(statementOf(group("o'neil"))).toContain("group_name = 'o''neil'");
});
