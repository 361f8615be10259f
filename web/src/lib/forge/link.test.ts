import { expect, it } from 'vitest';
import { changeLink, changesLink, commitLink, placeLink, readPlace, readRevision, readState } from './link';

it('keeps paths and revisions in the query', () => {
  expect(placeLink('shop')).toBe('/repositories/shop');
  expect(placeLink('shop', { path: 'web/index.js' })).toBe('/repositories/shop?path=web%2Findex.js');
  expect(placeLink('shop', { revision: 'v1.0', path: 'a' }, 'history')).toBe(
    '/repositories/shop/history?revision=v1.0&path=a',
  );
  expect(commitLink('shop', 'abc')).toBe('/repositories/shop/commit?id=abc');
});

it('leaves out of an address what is the default', () => {
  expect(changesLink({ state: '', repository: undefined })).toBe('/changes');
  expect(changesLink({ state: 'open', repository: 'shop' })).toBe('/changes?state=open&repository=shop');
  expect(changeLink(7)).toBe('/changes/7');
  expect(changeLink(7, { old: 1, new: 3 })).toBe('/changes/7?old=1&new=3');
});

it('reads what an address says, and nothing that it cannot say', () => {
  expect(readPlace(new URLSearchParams('path=/a/b/&revision=main'))).toEqual({
    revision: 'main',
    path: 'a/b',
    view: '',
  });
  expect(readState(new URLSearchParams('state=landed'))).toBe('landed');
  expect(readState(new URLSearchParams('state=lost'))).toBeNull();
  expect(readRevision(new URLSearchParams('old=2'), 'old')).toBe(2);
  for (const wrong of ['old=0', 'old=x', 'old=1.5', '']) {
    expect(readRevision(new URLSearchParams(wrong), 'old')).toBeUndefined();
  }
});
