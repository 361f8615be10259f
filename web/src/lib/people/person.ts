import type { Person } from '$lib/api/people';

/** How well somebody's weakest way in is guarded. */
export function secondFactor(
  person: Pick<Person, 'password' | 'totp' | 'passkeys'>,
): 'passkey' | 'code' | 'none' | 'no-password' {
  // A password without a code is the weakest way in, and a passkey beside it does not change that.
  if (person.password) return person.totp ? 'code' : 'none';
  return person.passkeys > 0 ? 'passkey' : 'no-password';
}

/** The people whose name, address, role or team holds every word of a text. */
export function findPeople<T extends Pick<Person, 'name' | 'email' | 'role' | 'teams'>>(
  people: T[],
  text: string,
): T[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return people.filter((person) => {
    const whole = [person.name, person.email ?? '', person.role, ...person.teams].join('\n').toLowerCase();
    return words.every((word) => whole.includes(word));
  });
}
