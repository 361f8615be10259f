import { describe, expect, it } from 'vitest';
import { Failure } from '$lib/api/failure';
import { inTree, looseNames, namesIn, wantedFor } from './groups';
import { broken, devices, group } from './testing';

it('puts groups into the order of their tree', () => {
  const groups = [
    group('attic', 'house'),
    group('house'),
    group('zoo'),
    group('box', 'attic'),
    group('lost', 'gone'),
  ];
  expect(inTree(groups).map(({ name }) => name)).toEqual(['house', 'attic', 'box', 'lost', 'zoo']);
});

it('asks only for the members that are wanted', () => {
  expect(wantedFor(null, false)).toEqual({ of: 'none' });
  expect(wantedFor('cellar', false)).toEqual({ of: 'one', group: 'cellar' });
  expect(wantedFor('', false)).toEqual({ of: 'all' });
  expect(wantedFor('cellar', true)).toEqual({ of: 'all' });
});

describe('who is in a group', () => {
  const groups = [group('cellar', 'house'), group('house'), group('odd'), group('later')];
  const members = new Map<string, string[] | Failure>([
    ['house', ['a', 'b']],
    ['cellar', ['b']],
    ['odd', broken],
  ]);

  it('is in none only where all of them could be read', () => {
    expect(looseNames({ groups, members }, devices)).toBeNull();
    expect(namesIn({ groups, members, whole: true }, '', devices)).toBeInstanceOf(Failure);
    const read = groups.filter(({ name }) => name === 'house' || name === 'cellar');
    const known = new Map([...members].filter(([name]) => name !== 'odd'));
    expect(looseNames({ groups: read, members: known }, devices)).toEqual(['c', 'd', 'e']);
    expect(namesIn({ groups: read, members: known, whole: true }, '', devices)).toEqual(
      new Set(['c', 'd', 'e']),
    );
  });

  it('is told, or why it cannot be, or that it was not asked', () => {
    expect(namesIn({ groups, members, whole: false }, 'house', devices)).toEqual(new Set(['a', 'b']));
    expect(namesIn({ groups, members, whole: false }, 'odd', devices)).toBe(broken);
    expect(namesIn({ groups, members, whole: false }, 'later', devices)).toBeUndefined();
    expect(namesIn({ groups, members, whole: false }, '', devices)).toBeUndefined();
  });
});
