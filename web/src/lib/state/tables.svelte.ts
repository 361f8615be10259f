import { answer, client } from '$lib/api/client';
import { toFailure, type Failure } from '$lib/api/failure';
import type { Table } from '$lib/api/types';

/** The tables of the lake, shared by the editor's completion, the palette and the pages. */
class Tables {
  list = $state<Table[]>([]);
  loaded = $state(false);
  failure = $state<Failure | null>(null);
  #running: Promise<void> | null = null;

  /** Asks the server; calls that overlap share one request. */
  load(): Promise<void> {
    this.#running ??= this.#fetch().finally(() => (this.#running = null));
    return this.#running;
  }

  async #fetch() {
    try {
      const { tables } = await answer(client.GET('/v1/tables'));
      this.list = tables;
      this.failure = null;
      this.loaded = true;
    } catch (error) {
      this.failure = toFailure(error);
    }
  }
}

export const tables = new Tables();
