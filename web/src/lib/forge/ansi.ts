/** A colour of a log, as the token that shows it; each is legible in both themes. */
export type Tone = 'danger' | 'ok' | 'warn' | 'accent' | 'violet' | 'cyan' | 'muted';
export type Style = { tone?: Tone; bold?: boolean; dim?: boolean; italic?: boolean; underline?: boolean };
/** A piece of a line and how it looks. It is text and never HTML. */
export type Span = { text: string } & Style;

// Black and white are the text's own colour, so that they are seen in both themes.
const TONES: (Tone | undefined)[] = [
  undefined,
  'danger',
  'ok',
  'warn',
  'accent',
  'violet',
  'cyan',
  undefined,
];
// Everything that begins with an escape: sequences with parameters, titles of windows, and single letters.
// eslint-disable-next-line no-control-regex
const ESCAPE = /\u001b(?:\[([0-?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** One line of a log as spans. `style` is how the line before it ended, and is given back as this one ends. */
export function spansOf(line: string, style: Style = {}): { spans: Span[]; style: Style } {
  const spans: Span[] = [];
  let now = style;
  let at = 0;
  const put = (text: string) => {
    const seen = text.replace(UNSEEN, '');
    if (seen !== '') spans.push({ text: seen, ...now });
  };
  // Programs write a line anew after a carriage return; what was there before is gone.
  const shown = line.replace(/\r+$/, '');
  const from = shown.lastIndexOf('\r') + 1;
  // The colours of what was overwritten still count.
  for (const match of shown.slice(0, from).matchAll(ESCAPE)) now = applied(now, match);
  const rest = shown.slice(from);
  for (const match of rest.matchAll(ESCAPE)) {
    put(rest.slice(at, match.index));
    at = match.index + match[0].length;
    now = applied(now, match);
  }
  put(rest.slice(at));
  return { spans, style: now };
}

function applied(style: Style, match: RegExpExecArray | RegExpMatchArray): Style {
  return match[2] === 'm' ? withCodes(style, match[1] ?? '') : style;
}

function withCodes(style: Style, parameters: string): Style {
  let next = { ...style };
  const codes = parameters.split(/[;:]/).map(Number);
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) next = {};
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 22) (delete next.bold, delete next.dim);
    else if (code === 23) delete next.italic;
    else if (code === 24) delete next.underline;
    else if (code === 38 || code === 48) {
      // A colour of 256 or of all: the next numbers belong to it.
      const many = codes[at + 1] === 5;
      if (code === 38) setTone(next, many ? toneOf256(codes[at + 2] ?? 0) : undefined);
      at += many ? 2 : 4;
    } else if (code >= 30 && code <= 37) setTone(next, TONES[code - 30]);
    else if (code === 39) delete next.tone;
    else if (code === 90) next.tone = 'muted';
    else if (code >= 91 && code <= 97) setTone(next, TONES[code - 90]);
  }
  return next;
}

function setTone(style: Style, tone: Tone | undefined) {
  if (tone) style.tone = tone;
  else delete style.tone;
}

/** The nearest of the few colours that there are. */
function toneOf256(number: number): Tone | undefined {
  if (number < 8) return TONES[number];
  if (number === 8) return 'muted';
  if (number < 16) return TONES[number - 8];
  if (number >= 232) return number < 250 ? 'muted' : undefined;
  const cube = number - 16;
  const [red, green, blue] = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6];
  const strong = Math.max(red, green, blue) - 1;
  const bits = (red >= strong ? 1 : 0) | (green >= strong ? 2 : 0) | (blue >= strong ? 4 : 0);
  return TONES[bits];
}

/** The lines of a log that comes in pieces, which may end anywhere. */
export class LogLines {
  lines: Span[][] = [];
  #style: Style = {};
  #rest = '';

  /** Takes the next piece. */
  push(text: string) {
    const parts = (this.#rest + text).split('\n');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) {
      const { spans, style } = spansOf(part, this.#style);
      this.lines.push(spans);
      this.#style = style;
    }
  }

  /** All lines up to now, also the one that has no end yet. */
  all(): Span[][] {
    return this.#rest === '' ? [...this.lines] : [...this.lines, spansOf(this.#rest, this.#style).spans];
  }
}
