import { expect, it } from 'vitest';
import { credentialFrom, linkCode, nextPath } from './sign-in';

it('reads the code of a link from the fragment or the query', () => {
  expect(linkCode(new URL('http://h/sign-in#link=abc'))).toBe('abc');
  expect(linkCode(new URL('http://h/sign-in?link=abc'))).toBe('abc');
  expect(linkCode(new URL('http://h/sign-in'))).toBeNull();
});

it('goes on only inside this console', () => {
  const next = (value: string) => nextPath(new URL(`http://h/sign-in?next=${encodeURIComponent(value)}`));
  expect(next('/live?table=logs')).toBe('/live?table=logs');
  for (const odd of [
    '',
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:x',
    '/sign-in?next=/',
  ]) {
    expect(next(odd)).toBe('/explore');
  }
});

it('takes a token, a code or a whole link', () => {
  expect(credentialFrom(' tl_abc ')).toEqual({ token: 'tl_abc' });
  expect(credentialFrom('abc')).toEqual({ link: 'abc' });
  expect(credentialFrom('http://h:7070/sign-in#link=xyz')).toEqual({ link: 'xyz' });
  expect(credentialFrom('https://h/other')).toBeNull();
  expect(credentialFrom('  ')).toBeNull();
});
