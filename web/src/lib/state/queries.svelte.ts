import { answer, client } from '$lib/api/client';
import { toFailure, type Failure } from '$lib/api/failure';
import type { SavedQuery } from '$lib/api/types';
import type { ChartChoice } from '$lib/explore/chart';

/** The queries that the team saved. */
class SavedQueries {
  list = $state<SavedQuery[]>([]);
  loaded = $state(false);
  failure = $state<Failure | null>(null);

  async load(): Promise<void> {
    try {
      this.list = (await answer(client.GET('/v1/queries'))).queries;
      this.loaded = true;
      this.failure = null;
    } catch (error) {
      this.failure = toFailure(error);
    }
  }

  async save(name: string, query: string, chart: ChartChoice | null): Promise<void> {
    await answer(client.PUT('/v1/queries/{name}', { params: { path: { name } }, body: { query, chart } }));
    await this.load();
  }

  /** Saves under the new name first, so that a failure in between leaves two copies rather than none. */
  async rename(saved: SavedQuery, name: string): Promise<void> {
    await answer(
      client.PUT('/v1/queries/{name}', {
        params: { path: { name } },
        body: { query: saved.query, chart: saved.chart },
      }),
    );
    await this.remove(saved.name);
  }

  async remove(name: string): Promise<void> {
    await answer(client.DELETE('/v1/queries/{name}', { params: { path: { name } } }));
    await this.load();
  }
}

export const queries = new SavedQueries();
