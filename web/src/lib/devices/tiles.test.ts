import { expect, it } from 'vitest';
import { Failure } from '$lib/api/failure';
import { hear, NOTHING } from './presence';
import { shareOf, shareText, tilesOf, within } from './tiles';
import { broken, devices, group } from './testing';

it('counts as connected only who is known to be there', () => {
  const byName = new Map(devices.map((one) => [one.thing.name, one]));
  const share = shareOf(['a', 'b', 'c', 'd'], byName, NOTHING);
  expect(share).toEqual({ connected: 1, gone: 1, blind: 2 });
  expect(shareText(share)).toBe('1 connected, 1 gone, 2 not known');

  // Who is beyond the list of devices is judged by what was heard, and is not known where nobody could ask.
  const time = '2026-01-02T00:00:00Z';
  const sign = { thing: 'far', client: 'far', connected: true, reason: '', time, place: 1 };
  const heard = hear(NOTHING, { signs: [sign], messages: [], started: '2026-01-01T00:00:00Z' });
  expect(shareOf(['far'], byName, heard)).toEqual({ connected: 1, gone: 0, blind: 0 });
  expect(shareOf(['far'], byName, null)).toEqual({ connected: 0, gone: 0, blind: 1 });
});

it('knows the groups that a group is a part of', () => {
  const groups = [group('attic', 'house'), group('house'), group('box', 'attic')];
  expect(within(groups[2]!, groups)).toEqual(['house', 'attic']);
  expect(within(groups[1]!, groups)).toEqual([]);
  expect(within(group('x', 'y'), [group('x', 'y'), group('y', 'x')])).toEqual(['x', 'y']);
});

it('has a tile for each group that was asked about, broken ones too', () => {
  const groups = [group('cellar', 'house'), group('house'), group('odd'), group('later')];
  const members = new Map<string, string[] | Failure>([
    ['house', ['a', 'b']],
    ['cellar', ['b']],
    ['odd', broken],
  ]);
  expect(
    tilesOf({ groups, members }, devices, NOTHING).map(({ group: { name }, ...tile }) => ({
      name,
      ...tile,
    })),
  ).toEqual([
    { name: 'house', within: [], share: { connected: 1, gone: 1, blind: 0 }, failure: null },
    { name: 'cellar', within: ['house'], share: { connected: 0, gone: 1, blind: 0 }, failure: null },
    { name: 'odd', within: [], share: null, failure: broken },
  ]);
});
