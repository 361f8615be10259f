import { expect, it } from 'vitest';
import { credentialFrom, fragmentCode, issuerLink, linkCode, nextPath } from './sign-in';

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
    '/\t/evil.example',
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

it('reads a code from the fragment only', () => {
  expect(fragmentCode('#invitation=abc', 'invitation')).toBe('abc');
  expect(fragmentCode('#code=abc', 'invitation')).toBeNull();
  expect(fragmentCode('', 'code')).toBeNull();
});

it('takes the way back along to another issuer', () => {
  expect(issuerLink('corp idp', '/live?table=logs')).toBe(
    '/v1/session/oidc/corp%20idp?next=%2Flive%3Ftable%3Dlogs',
  );
});
