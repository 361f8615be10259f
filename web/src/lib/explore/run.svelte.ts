import { toFailure, type Failure } from '$lib/api/failure';
import { cancelSql, newQueryId, runSql } from '$lib/api/sql';
import type { SqlResult } from '$lib/api/types';
import { history } from './history.svelte';

/** The statement that runs, and the last answer. */
export class QueryRun {
  state = $state<'idle' | 'running' | 'cancelling'>('idle');
  /** Rows can be many, so they are not made reactive one by one. */
  result = $state.raw<SqlResult | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** The statement that `result` or `failure` answers. */
  query = $state('');
  startedAt = $state(0);
  #queryId: string | null = null;

  /** Runs a statement; one that still runs is cancelled first, and its late answer is not shown. */
  async start(query: string, limit: number): Promise<void> {
    if (this.#queryId) void cancelSql(this.#queryId).catch(() => undefined);
    const queryId = newQueryId();
    this.#queryId = queryId;
    this.state = 'running';
    this.startedAt = Date.now();
    this.failure = null;
    try {
      const result = await runSql(query, limit, queryId);
      if (this.#queryId !== queryId) return;
      this.result = result;
      history.add({ query, at: this.startedAt, rows: result.row_count, elapsed: result.elapsed_ms });
    } catch (error) {
      if (this.#queryId !== queryId) return;
      this.failure = toFailure(error);
      this.result = null;
      history.add({ query, at: this.startedAt, rows: null, elapsed: Date.now() - this.startedAt });
    }
    this.query = query;
    this.#queryId = null;
    this.state = 'idle';
  }

  /** Asks the server to stop. The statement ends when its answer comes, as a rule with an error that says so. */
  async cancel(): Promise<void> {
    if (!this.#queryId || this.state !== 'running') return;
    this.state = 'cancelling';
    try {
      await cancelSql(this.#queryId);
    } catch (error) {
      // A statement that ended in between cannot be cancelled any more; its own answer is on the way.
      if (this.state === 'cancelling' && toFailure(error).status !== 404) this.state = 'running';
    }
  }

  clear() {
    this.result = null;
    this.failure = null;
    this.query = '';
  }
}
