import { describe, expect, it } from 'vitest';
import { changesOf, isBehind, nameOf, placeOf, versionsFrom } from './history';

const row = (version: number, desired: object, reported: object, deleted = false) => ({
  time: `2026-01-01T00:00:0${version}.000000Z`,
  version,
  deleted,
  desired: JSON.stringify(desired),
  reported: JSON.stringify(reported),
  by: 'pump-7',
});
const versions = versionsFrom([
  row(3, { interval: 9 }, {}),
  row(2, {}, {}, true),
  row(2, { interval: 5 }, { on: true }),
  row(1, {}, { on: true }),
]);

it('puts versions into order and tells a removal from the version before it', () => {
  expect(versions.map((version) => version.key)).toEqual(['1', '2', '2-removed', '3']);
  expect(versions.map(nameOf)).toEqual(['version 1', 'version 2', 'removal after version 2', 'version 3']);
});

it('finds the version of a link, and else shows the newest', () => {
  expect(placeOf(versions, '2')).toBe(1);
  expect(placeOf(versions, '2-removed')).toBe(2);
  expect(placeOf(versions, null)).toBe(3);
  expect(placeOf(versions, '99')).toBe(3);
  expect(placeOf([], '1')).toBe(-1);
});

describe('what a version changed', () => {
  it('is compared with the one before', () => {
    expect(changesOf(versions, 0)).toEqual([
      { path: 'reported.on', kind: 'added', before: undefined, after: true },
    ]);
    expect(changesOf(versions, 1)).toEqual([
      { path: 'desired.interval', kind: 'added', before: undefined, after: 5 },
    ]);
    expect(changesOf(versions, 2)?.map((change) => change.kind)).toEqual(['removed', 'removed']);
    expect(changesOf(versions, 3)?.map((change) => change.path)).toEqual(['desired.interval']);
  });

  it('is not known where the one before is out of reach', () => {
    expect(changesOf(versions.slice(1), 0)).toBeNull();
    expect(changesOf([], -1)).toBeNull();
  });
});

it('knows when there is more to read', () => {
  expect(isBehind(versions, 3)).toBe(false);
  expect(isBehind(versions, 4)).toBe(true);
  expect(isBehind(versions, null)).toBe(true);
  expect(isBehind(versions.slice(0, 3), null)).toBe(false);
  // A twin that was made again counts on from its last version.
  expect(isBehind(versions.slice(0, 3), 3)).toBe(true);
  expect(isBehind([], 1)).toBe(true);
  expect(isBehind([], null)).toBe(false);
});

it('takes what is not JSON as empty', () => {
  expect(versionsFrom([{ version: 1, desired: null, reported: '[1' }])[0]).toMatchObject({
    desired: {},
    reported: {},
    deleted: false,
  });
});
