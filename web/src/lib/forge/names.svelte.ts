import { people } from '$lib/api/people';
import { session } from '$lib/state/session.svelte';

/** The names of people by their ids: changes and comments have ids alone. */
class Names {
  #known = $state.raw<Map<string, string>>(new Map());
  #asked = false;

  /** Asks once. Whoever may not see the people sees ids. */
  load = async (): Promise<void> => {
    if (this.#asked) return;
    this.#asked = true;
    try {
      this.#known = new Map((await people.list()).map((one) => [one.id, one.name]));
    } catch {
      this.#asked = false;
    }
  };

  of(id: string): string {
    return this.isSelf(id) ? 'you' : (this.#known.get(id) ?? id);
  }

  isSelf(id: string): boolean {
    return session.value?.principal.id === id;
  }
}

export const names = new Names();
