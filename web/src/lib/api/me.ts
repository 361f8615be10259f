import type { CreationOptionsJson, RegistrationJson } from '$lib/account/webauthn';
import { call, part } from './call';

/** A browser in which somebody is signed in. */
export type OwnSession = {
  id: string;
  created: string;
  last_seen: string;
  client: string;
  method: string;
  current: boolean;
};
export type Passkey = { id: string; name: string; created: string; last_used: string | null };
export type TotpStart = { url: string; secret: string; qr_svg: string };
export type PasskeyStart = { challenge: string; options: { publicKey: CreationOptionsJson } };

export const ownSessions = {
  list: async () => (await call<{ sessions: OwnSession[] }>('GET', '/v1/me/sessions')).sessions,
  end: (id: string) => call<void>('DELETE', `/v1/me/sessions/${part(id)}`),
  endOthers: () => call<void>('DELETE', '/v1/me/sessions'),
};

export const ownPassword = {
  change: (current: string | null, password: string) =>
    call<void>('PUT', '/v1/me/password', { ...(current ? { current } : {}), password }, { stay: true }),
};

export const ownTotp = {
  start: () => call<TotpStart>('POST', '/v1/me/totp', {}),
  confirm: async (code: string) =>
    (await call<{ recovery_codes: string[] }>('POST', '/v1/me/totp/confirm', { code }, { stay: true }))
      .recovery_codes,
  remove: (proof: { password: string } | { code: string }) =>
    call<void>('DELETE', '/v1/me/totp', proof, { stay: true }),
};

export const ownPasskeys = {
  list: async () => (await call<{ passkeys: Passkey[] }>('GET', '/v1/me/passkeys')).passkeys,
  start: () => call<PasskeyStart>('POST', '/v1/me/passkeys/start', {}),
  finish: (challenge: string, name: string, credential: RegistrationJson) =>
    call<Passkey>('POST', '/v1/me/passkeys/finish', { challenge, name, credential }, { stay: true }),
  remove: (id: string) => call<void>('DELETE', `/v1/me/passkeys/${part(id)}`),
};
