/** How long the second key of a sequence such as `g e` may take, in ms. */
export const SEQUENCE_TIMEOUT = 1_200;

/** Recognises single keys and two-key sequences. Time comes with each key, so it can be tested. */
export class KeySequences {
  #first: { key: string; at: number } | null = null;

  constructor(private readonly bindings: Record<string, () => void>) {}

  /** Takes a key; tells whether it meant something. */
  press(key: string, at: number): boolean {
    const first = this.#first && at - this.#first.at <= SEQUENCE_TIMEOUT ? this.#first.key : null;
    this.#first = null;
    const sequence = first === null ? undefined : this.bindings[`${first} ${key}`];
    if (sequence) {
      sequence();
      return true;
    }
    const single = this.bindings[key];
    if (single) {
      single();
      return true;
    }
    if (Object.keys(this.bindings).some((name) => name.startsWith(`${key} `))) {
      this.#first = { key, at };
      return true;
    }
    return false;
  }
}

/** Whether a key pressed there is text that somebody types. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** The keys of the console beside those that go to a place, as the help dialog lists them. */
export const KEYS: { keys: string[]; what: string }[] = [
  { keys: ['Ctrl', 'K'], what: 'Open the command palette' },
  { keys: ['Ctrl', 'Enter'], what: 'Run the statement in the editor' },
  { keys: ['Esc'], what: 'In the editor, then Tab: leave it; elsewhere: close a dialog' },
  { keys: ['p'], what: 'Pause or resume the live view' },
  { keys: ['j', 'k'], what: 'In a change or commit: the next file, the previous one' },
  { keys: ['n', 'p'], what: 'In a change or commit: the next hunk, the previous one' },
  { keys: ['c'], what: 'In a change: comment on the line that has the focus; the arrows go to others' },
  { keys: ['a'], what: 'In a change: approve it' },
  { keys: ['r'], what: 'In a change: ask for changes' },
  { keys: ['?'], what: 'Show these keys' },
];
