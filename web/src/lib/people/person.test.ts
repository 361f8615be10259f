import { expect, it } from 'vitest';
import { findPeople, secondFactor } from './person';

it('tells how a way in is guarded', () => {
  expect(secondFactor({ password: true, totp: false, passkeys: 0 })).toBe('none');
  expect(secondFactor({ password: true, totp: false, passkeys: 1 })).toBe('none');
  expect(secondFactor({ password: true, totp: true, passkeys: 0 })).toBe('code');
  expect(secondFactor({ password: false, totp: false, passkeys: 2 })).toBe('passkey');
  expect(secondFactor({ password: false, totp: false, passkeys: 0 })).toBe('no-password');
});

it('finds people by every word', () => {
  const mia = { name: 'Mia Example', email: 'mia@example.org', role: 'owner' as const, teams: ['core'] };
  const jo = { name: 'Jo', email: null, role: 'viewer' as const, teams: ['support'] };
  expect(findPeople([mia, jo], ' MIA core ')).toEqual([mia]);
  expect(findPeople([mia, jo], 'viewer')).toEqual([jo]);
  expect(findPeople([mia, jo], '')).toEqual([mia, jo]);
  expect(findPeople([mia, jo], 'mia viewer')).toEqual([]);
});
