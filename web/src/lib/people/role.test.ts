import { expect, it } from 'vitest';
import { atLeast, roleOf } from './role';

it('takes the role that the server names', () => {
  expect(roleOf({ role: 'operator', scopes: ['read'] })).toBe('operator');
  expect(roleOf({ role: 'owner', scopes: ['read', 'owner'] })).toBe('owner');
  expect(roleOf({ role: 'owner', scopes: ['read'] })).toBe('operator');
});

it('reads the scopes where no known role is named', () => {
  expect(roleOf({ scopes: ['read', 'write', 'owner'] })).toBe('owner');
  expect(roleOf({ role: 'emperor', scopes: ['read', 'write'] })).toBe('developer');
  expect(roleOf({ role: null, scopes: ['read'] })).toBe('viewer');
  expect(roleOf(null)).toBe('viewer');
});

it('orders the roles', () => {
  expect(atLeast('owner', 'viewer')).toBe(true);
  expect(atLeast('operator', 'operator')).toBe(true);
  expect(atLeast('developer', 'operator')).toBe(false);
});
