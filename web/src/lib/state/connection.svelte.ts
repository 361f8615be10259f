/** Whether the server answers, as the last request found. */
class Connection {
  state = $state<'unknown' | 'connected' | 'lost'>('unknown');
  /** When the state last changed, in ms since the epoch. */
  since = $state(Date.now());
  #timer: ReturnType<typeof setInterval> | null = null;

  answered() {
    this.#become('connected');
  }

  failed() {
    this.#become('lost');
  }

  /** Asks the server's readiness regularly, faster while it is away; gives the function that stops it. */
  watch(): () => void {
    const ask = async () => {
      try {
        const response = await fetch('/readyz', { cache: 'no-store' });
        if (response.ok) this.answered();
        else this.failed();
      } catch {
        this.failed();
      }
    };
    let quiet = 0;
    this.#timer = setInterval(() => {
      quiet += 1;
      if (this.state === 'lost' || quiet % 5 === 0) void ask();
    }, 2_000);
    void ask();
    return () => {
      if (this.#timer) clearInterval(this.#timer);
      this.#timer = null;
    };
  }

  #become(state: 'connected' | 'lost') {
    if (this.state === state) return;
    this.state = state;
    this.since = Date.now();
  }
}

export const connection = new Connection();
