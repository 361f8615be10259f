import type { AuthenticationJson, RequestOptionsJson } from '$lib/account/webauthn';
import type { Role } from '$lib/people/role';
import { call } from './call';
import type { Session } from './types';

/** Who is signed in, with the role and the teams that the server adds. */
export type SignedIn = Session & { principal: Session['principal'] & { role?: Role; teams?: string[] } };
export type SignInWays = {
  password: boolean;
  passkey: boolean;
  issuers: { id: string; name: string }[];
};
export type Credential =
  { link: string } | { token: string } | { email: string; password: string; code?: string };
export type InvitationLook = {
  email: string | null;
  role: Role;
  teams: string[];
  expires: string;
  invited_by: string;
};

/** The right password, and a second factor is missing. */
export const CODE_NEEDED = 'TL-ACCESS-011';

const STAY = { stay: true };

export const signIn = {
  ways: () => call<SignInWays>('GET', '/v1/sign-in'),
  with: (credential: Credential) => call<SignedIn>('POST', '/v1/session', credential, STAY),
  startPasskey: () =>
    call<{ challenge: string; options: { publicKey: RequestOptionsJson } }>(
      'POST',
      '/v1/session/passkey/start',
      {},
      STAY,
    ),
  finishPasskey: (challenge: string, credential: AuthenticationJson) =>
    call<SignedIn>('POST', '/v1/session/passkey/finish', { challenge, credential }, STAY),
  look: (code: string) => call<InvitationLook>('POST', '/v1/invitations/look', { code }, STAY),
  accept: (invitation: { code: string; name: string; email?: string; password?: string }) =>
    call<SignedIn>('POST', '/v1/invitations/accept', invitation, STAY),
  forgot: (email: string) => call<void>('POST', '/v1/password/forgot', { email }, STAY),
  reset: (code: string, password: string) =>
    call<void>('POST', '/v1/password/reset', { code, password }, STAY),
};
