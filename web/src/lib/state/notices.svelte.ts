import { toFailure } from '$lib/api/failure';

export type Notice = { id: number; kind: 'done' | 'failed'; text: string; code: string | null };

const LIFETIME = 5_000;

/** Short messages at the corner of the window, read out by screen readers. */
class Notices {
  list = $state<Notice[]>([]);
  #next = 1;

  done(text: string) {
    const id = this.#add('done', text, null);
    setTimeout(() => this.dismiss(id), LIFETIME);
  }

  /** Failures stay until they are dismissed. */
  failed(what: string, error: unknown) {
    const failure = toFailure(error);
    this.#add('failed', `${what}: ${failure.message}`, failure.code);
  }

  dismiss(id: number) {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  #add(kind: Notice['kind'], text: string, code: string | null): number {
    const id = this.#next++;
    this.list = [...this.list.slice(-3), { id, kind, text, code }];
    return id;
  }
}

export const notices = new Notices();
