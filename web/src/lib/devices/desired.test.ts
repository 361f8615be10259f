import { describe, expect, it } from 'vitest';
import { applyPatch, patchBetween, readDesired, readObject } from './desired';
import type { JsonObject } from '$lib/api/things';

describe('what is typed', () => {
  it('is an object', () => {
    expect(readObject('{"a": 1}').value).toEqual({ a: 1 });
    expect(readObject(' \n').value).toEqual({});
    expect(readObject('[1]').mistake).toContain('object');
    expect(readObject('{"a": ').mistake).toContain('not JSON');
    expect(readObject('{"a": null}').value).toEqual({ a: null });
  });

  it('wants nothing that is null or that would become another number', () => {
    expect(readDesired('{"a": {"b": 1.5, "c": [true, "x"]}}').mistake).toBeNull();
    expect(readDesired('{"a": {"b": null}}').mistake).toContain('a.b is null');
    expect(readDesired('{"a": [1, null]}').mistake).toContain('a.1 is null');
    expect(readDesired('{"id": 9007199254740993}').mistake).toContain('id is a larger number');
    expect(readDesired('{"id": 9007199254740991}').mistake).toBeNull();
  });
});

describe('what is sent', () => {
  const cases: { from: JsonObject; to: JsonObject; patch: JsonObject }[] = [
    { from: { a: 1 }, to: { a: 1 }, patch: {} },
    { from: { a: 1, b: 2 }, to: { a: 1 }, patch: { b: null } },
    { from: {}, to: { a: { b: 1 } }, patch: { a: { b: 1 } } },
    { from: { a: { b: 1, c: 2 } }, to: { a: { c: 3 } }, patch: { a: { b: null, c: 3 } } },
    { from: { a: { b: 1 } }, to: { a: {} }, patch: { a: { b: null } } },
    { from: { a: { b: 1 } }, to: { a: 1 }, patch: { a: 1 } },
    { from: { a: 1 }, to: { a: { b: 1 } }, patch: { a: { b: 1 } } },
    { from: { a: [1, 2] }, to: { a: [2] }, patch: { a: [2] } },
    { from: { a: {} }, to: {}, patch: { a: null } },
    { from: {}, to: { a: {} }, patch: { a: {} } },
  ];

  it('is only what changes', () => {
    for (const { from, to, patch } of cases) expect(patchBetween(from, to)).toEqual(patch);
  });

  it('makes the one of the other', () => {
    for (const { from, to } of cases) expect(applyPatch(from, patchBetween(from, to))).toEqual(to);
  });

  it('leaves alone what another changed meanwhile', () => {
    const mine = patchBetween({ interval: 5, on: true }, { interval: 10, on: true });
    expect(applyPatch({ interval: 7, on: false, mode: 'eco' }, mine)).toEqual({
      interval: 10,
      on: false,
      mode: 'eco',
    });
  });
});
