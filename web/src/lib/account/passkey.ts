import { Failure } from '$lib/api/failure';
import { ownPasskeys, type Passkey } from '$lib/api/me';
import { signIn, type SignedIn } from '$lib/api/sign-in';
import { authenticationJson, creationOptions, registrationJson, requestOptions } from './webauthn';

/** Whether this browser can use passkeys here; they need HTTPS or localhost. */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential === 'function' && navigator.credentials !== undefined;
}

/** Whether the browser can offer passkeys in the field of the email. */
export async function offersInField(): Promise<boolean> {
  if (!passkeysWork()) return false;
  return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
}

/** Makes a passkey on this device and keeps its public half on the server. */
export async function addPasskey(name: string): Promise<Passkey> {
  const { challenge, options } = await ownPasskeys.start();
  const credential = await ask(() =>
    navigator.credentials.create({ publicKey: creationOptions(options.publicKey) }),
  );
  return ownPasskeys.finish(challenge, name, registrationJson(credential));
}

type Started = Awaited<ReturnType<typeof signIn.startPasskey>>;

/** Signs in with a passkey that the browser asks for. */
export async function signInWithPasskey(): Promise<SignedIn> {
  return usePasskey(await signIn.startPasskey());
}

/** Lets the browser offer passkeys in the email's field, and asks nothing by itself; `started` comes from the server. */
export function offerPasskey(started: Started, signal: AbortSignal): Promise<SignedIn> {
  return usePasskey(started, { mediation: 'conditional', signal });
}

async function usePasskey(started: Started, more: CredentialRequestOptions = {}): Promise<SignedIn> {
  const publicKey = requestOptions(started.options.publicKey);
  const credential = await ask(() => navigator.credentials.get({ publicKey, ...more }));
  return signIn.finishPasskey(started.challenge, authenticationJson(credential));
}

async function ask(request: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await request();
    if (credential) return credential as PublicKeyCredential;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Failure('The passkey was not used', reasonOf(error), {
      hint: 'Try again, or sign in with a password and look at your passkeys under Account.',
    });
  }
  throw new Failure('The passkey was not used', 'The browser gave no credential.');
}

/** Browsers answer with a name; what it means is in the specification only. */
function reasonOf(error: unknown): string {
  if (!(error instanceof DOMException)) return error instanceof Error ? error.message : String(error);
  if (error.name === 'NotAllowedError') return 'It was cancelled, or it took too long.';
  if (error.name === 'InvalidStateError') return 'This device has a passkey for your account already.';
  if (error.name === 'SecurityError')
    return 'Passkeys work only over HTTPS or on localhost, under the address that the server knows itself by.';
  return error.message;
}
