import { expect, it } from 'vitest';
import { extensionOf, folderOf, hashOf, imageType, joined, linesIn, pathOf, wayTo } from './file';

it('takes paths apart', () => {
  expect(wayTo('a/b.c')).toEqual([
    { name: 'a', path: 'a' },
    { name: 'b.c', path: 'a/b.c' },
  ]);
  expect(folderOf('a/b/c')).toBe('a/b');
  expect(folderOf('c')).toBe('');
  expect(joined('', 'c')).toBe('c');
  expect(joined('a', 'c')).toBe('a/c');
});

it('knows files by the end of their names', () => {
  expect(extensionOf('a.b/Makefile')).toBe('');
  expect(extensionOf('.gitignore')).toBe('');
  expect(extensionOf('a/LIB.RS')).toBe('rs');
  expect(imageType('logo.PNG')).toBe('image/png');
  expect(imageType('logo.txt')).toBeNull();
});

it('reads lines from an address', () => {
  expect(linesIn('#L12')).toEqual({ from: 12, to: 12 });
  expect(linesIn('#L20-L12')).toEqual({ from: 12, to: 20 });
  for (const wrong of ['', '#L0', '#Lx', '#12', '#L1-']) expect(linesIn(wrong)).toBeNull();
  expect(hashOf({ from: 3, to: 3 })).toBe('#L3');
  expect(hashOf({ from: 3, to: 5 })).toBe('#L3-L5');
});

it('finds what a link in a README leads to', () => {
  expect(pathOf('guide.md', 'docs')).toBe('docs/guide.md');
  expect(pathOf('../a%20b.md#top', 'docs')).toBe('a b.md');
  expect(pathOf('/src/', 'docs')).toBe('src');
  expect(pathOf('../../x', 'docs')).toBeNull();
  for (const other of ['https://example.com', '#top', 'mailto:a@b', '//host/x', '']) {
    expect(pathOf(other, '')).toBeNull();
  }
});
