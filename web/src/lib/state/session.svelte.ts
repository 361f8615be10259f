import { answer, client } from '$lib/api/client';
import type { Session } from '$lib/api/types';

/** Who is signed in. */
class CurrentSession {
  value = $state<Session | null>(null);

  get name(): string {
    return this.value?.principal.name ?? '';
  }

  /** Whether the caller may change and erase. */
  get isOwner(): boolean {
    return this.value?.principal.scopes.includes('owner') ?? false;
  }

  async load(): Promise<Session> {
    this.value = await answer(client.GET('/v1/session'));
    return this.value;
  }

  async signIn(credential: { link: string } | { token: string }): Promise<void> {
    this.value = await answer(client.POST('/v1/session', { body: credential }));
  }

  async signOut(): Promise<void> {
    await answer(client.DELETE('/v1/session'));
    this.value = null;
  }
}

export const session = new CurrentSession();
