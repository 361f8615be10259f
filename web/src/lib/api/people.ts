import { call, part } from './call';
import type { Role } from '$lib/people/role';

export type Person = {
  id: string;
  name: string;
  email: string | null;
  role: Role;
  teams: string[];
  created: string;
  last_seen: string | null;
  disabled: boolean;
  password: boolean;
  totp: boolean;
  passkeys: number;
};
export type Invitation = {
  id: string;
  email: string | null;
  role: Role;
  teams: string[];
  expires: string;
  created: string;
  by: string;
};
export type Team = { name: string; members: { id: string; name: string }[]; created: string };
export type ServiceAccount = {
  id: string;
  name: string;
  role: Role;
  teams: string[];
  created: string;
  disabled: boolean;
};
/** A link that works once and is shown once. */
export type OneTimeLink = { url: string; expires: string };

export const people = {
  list: async () => (await call<{ people: Person[] }>('GET', '/v1/people')).people,
  change: (id: string, change: Partial<Pick<Person, 'name' | 'email' | 'role' | 'disabled'>>) =>
    call<Person>('PATCH', `/v1/people/${part(id)}`, change),
  resetLink: (id: string) => call<OneTimeLink>('POST', `/v1/people/${part(id)}/reset`, {}),
};

export const invitations = {
  list: async () => (await call<{ invitations: Invitation[] }>('GET', '/v1/invitations')).invitations,
  create: (invitation: { email?: string; role: Role; teams?: string[] }) =>
    call<OneTimeLink & { id: string; mailed: boolean }>('POST', '/v1/invitations', invitation),
  withdraw: (id: string) => call<void>('DELETE', `/v1/invitations/${part(id)}`),
};

export const teams = {
  list: async () => (await call<{ teams: Team[] }>('GET', '/v1/teams')).teams,
  create: (name: string) => call<unknown>('POST', '/v1/teams', { name }),
  remove: (name: string) => call<void>('DELETE', `/v1/teams/${part(name)}`),
  addMember: (name: string, person: string) =>
    call<void>('PUT', `/v1/teams/${part(name)}/members/${part(person)}`),
  removeMember: (name: string, person: string) =>
    call<void>('DELETE', `/v1/teams/${part(name)}/members/${part(person)}`),
};

export const serviceAccounts = {
  list: async () => (await call<{ accounts: ServiceAccount[] }>('GET', '/v1/service-accounts')).accounts,
  create: (account: { name: string; role: Role; teams?: string[] }) =>
    call<ServiceAccount>('POST', '/v1/service-accounts', account),
  remove: (id: string) => call<void>('DELETE', `/v1/service-accounts/${part(id)}`),
  /** A token that acts as the account. It is shown once. */
  token: (service: string, name: string, days: number) =>
    call<{ token: string }>('POST', '/v1/tokens', {
      name,
      service,
      ...(days > 0 ? { expires_in_days: days } : {}),
    }),
};
