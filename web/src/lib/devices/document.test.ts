import { describe, expect, it } from 'vitest';
import { changesBetween, delta, newestStamp, same } from './document';

describe('the delta', () => {
  it('has what is wanted and not so, and nothing that is only reported', () => {
    expect(delta({ a: 1, b: 2 }, { a: 1, c: 3 })).toEqual({ b: 2 });
    expect(delta({ a: 1 }, {})).toEqual({ a: 1 });
    expect(delta({}, { a: 1 })).toEqual({});
  });

  it('goes into objects, and takes arrays as a whole', () => {
    expect(delta({ net: { ssid: 'a', on: true } }, { net: { ssid: 'b', on: true } })).toEqual({
      net: { ssid: 'a' },
    });
    expect(delta({ net: { on: true } }, { net: { on: true, rssi: -60 } })).toEqual({});
    expect(delta({ list: [1, 2] }, { list: [1, 3] })).toEqual({ list: [1, 2] });
    expect(delta({ list: [1, { a: 1 }] }, { list: [1, { a: 1 }] })).toEqual({});
    expect(delta({ a: { b: 1 } }, { a: 1 })).toEqual({ a: { b: 1 } });
  });

  it('is not fooled by names that objects have by themselves', () => {
    expect(delta(JSON.parse('{"toString": 1}'), {})).toEqual({ toString: 1 });
    const odd = delta(JSON.parse('{"__proto__": {"a": 1}}'), {});
    expect(Object.keys(odd)).toEqual(['__proto__']);
  });
});

it('does not mind the order of members', () => {
  expect(same({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe(true);
  expect(same({ a: undefined }, { b: undefined })).toBe(false);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect(same({}, [])).toBe(false);
});

describe('what changed', () => {
  it('is named by its path', () => {
    const before = { a: 1, net: { ssid: 'x', old: true }, list: [1] };
    const after = { a: 1, net: { ssid: 'y', 'a.b': 0 }, list: [1, 2], on: false };
    expect(changesBetween(before, after)).toEqual([
      { path: 'net.ssid', kind: 'changed', before: 'x', after: 'y' },
      { path: 'net.old', kind: 'removed', before: true, after: undefined },
      { path: 'net["a.b"]', kind: 'added', before: undefined, after: 0 },
      { path: 'list', kind: 'changed', before: [1], after: [1, 2] },
      { path: 'on', kind: 'added', before: undefined, after: false },
    ]);
  });

  it('is nothing where all is the same', () => {
    expect(changesBetween({ a: { b: [1] } }, { a: { b: [1] } })).toEqual([]);
  });

  it('tells an object that became a value from one that changed inside', () => {
    expect(changesBetween({ a: { b: 1 } }, { a: 1 })).toEqual([
      { path: 'a', kind: 'changed', before: { b: 1 }, after: 1 },
    ]);
  });
});

it('finds the newest time of a section', () => {
  expect(newestStamp({ a: { timestamp: 5 }, b: { c: { timestamp: 9 }, d: [{ timestamp: 7 }] } })).toBe(9);
  expect(newestStamp({ timestamp: { timestamp: 3 } })).toBe(3);
  expect(newestStamp({})).toBeNull();
  expect(newestStamp(undefined)).toBeNull();
});
