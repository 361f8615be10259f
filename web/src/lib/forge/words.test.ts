import { expect, it } from 'vitest';
import { beginning, fateOf, shortRef, toneOfRun, wordOfRun, wrongName } from './words';

it('takes the names that the server takes', () => {
  for (const name of ['shop', 'a', 'shop-2', 'a'.repeat(63)]) expect(wrongName(name), name).toBeNull();
  for (const name of ['', 'Shop', '-a', 'a-', '2a', 'a.git', 'a/b', 'a b', 'a'.repeat(64)]) {
    expect(wrongName(name), name).not.toBeNull();
  }
});

it('says what became of a file', () => {
  expect(fateOf({ status: 'moved', old_path: 'a' })).toBe('moved from a');
  expect(fateOf({ status: 'changed', old_path: null })).toBe('changed');
});

it('says what became of a run', () => {
  expect(wordOfRun({ state: 'green', flaky: false, cached: true })).toBe('green, known before');
  expect(wordOfRun({ state: 'timed_out', flaky: false, cached: false })).toBe('out of time');
  expect(toneOfRun({ state: 'red', flaky: false })).toBe('danger');
  expect(toneOfRun({ state: 'red', flaky: true })).toBe('warn');
});

it('names branches and tags as people do', () => {
  expect(shortRef('refs/heads/a/b')).toBe('a/b');
  expect(shortRef('refs/tags/v1')).toBe('v1');
});

it('says how to begin', () => {
  expect(beginning('http://here', { name: 'shop', trunk: 'main' })).toBe(
    'git remote add trunk http://here/git/shop\ngit push trunk HEAD:main',
  );
});
