import { createContext } from 'svelte';
import { repositories } from '$lib/api/forge';
import { Loaded } from '$lib/state/loaded.svelte';

/** The repository whose pages are open: what all of them show. */
export class Hosted {
  readonly repository;
  readonly refs;

  constructor(readonly name: string) {
    this.repository = new Loaded(() => repositories.read(name));
    this.refs = new Loaded(() => repositories.refs(name));
  }

  /** The branch that everything lands on. */
  get trunk(): string {
    return this.repository.value?.trunk ?? 'trunk';
  }
}

export const [hosted, setHosted] = createContext<Hosted>();
