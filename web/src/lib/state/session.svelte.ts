import { answer, client } from '$lib/api/client';
import { signIn, type Credential, type SignedIn } from '$lib/api/sign-in';
import { atLeast, roleOf, type Role } from '$lib/people/role';

/** Who is signed in. */
class CurrentSession {
  value = $state<SignedIn | null>(null);

  get name(): string {
    return this.value?.principal.name ?? '';
  }

  get role(): Role {
    return roleOf(this.value?.principal);
  }

  /** Whether the caller may change and erase. */
  get isOwner(): boolean {
    return this.may('owner');
  }

  /** Whether the caller is a person: tokens have no password and no passkeys. */
  get isPerson(): boolean {
    return this.value?.principal.kind === 'account';
  }

  /** Whether the caller's role reaches so far. What a policy adds or takes away, only the server knows. */
  may(role: Role): boolean {
    return this.value !== null && atLeast(this.role, role);
  }

  /** Whether the credential reaches so far: a token can be limited to less than its holder may. */
  reaches(scope: 'write' | 'owner'): boolean {
    const scopes = this.value?.principal.scopes ?? [];
    return scopes.includes('owner') || scopes.includes(scope);
  }

  async load(): Promise<SignedIn> {
    const loaded = (await answer(client.GET('/v1/session'))) as SignedIn;
    this.value = loaded;
    return loaded;
  }

  async signIn(credential: Credential): Promise<void> {
    this.value = await signIn.with(credential);
  }

  async signOut(): Promise<void> {
    await answer(client.DELETE('/v1/session'));
    this.value = null;
  }
}

export const session = new CurrentSession();
