export type Piece = {
  kind: 'plain' | 'keyword' | 'effect' | 'string' | 'annotation' | 'comment' | 'type';
  text: string;
};

const EFFECTS = new Set(['permit', 'forbid']);
const KEYWORDS = new Set(
  'when unless principal action resource context in has like is if then else true false'.split(' '),
);
const TOKENS =
  /(\/\/[^\n]*)|("(?:\\.|[^"\\\n])*")|(@[A-Za-z_]\w*)|([A-Z]\w*(?:::[A-Z]\w*)*(?=::"|\b))|([A-Za-z_]\w*)/g;

/** Cuts a Cedar text into coloured pieces. It reads words only, so a text that Cedar refuses is shown all the same. */
export function cedarPieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const plain = (to: number) => {
    if (to <= at) return;
    const last = pieces.at(-1);
    if (last?.kind === 'plain') last.text += text.slice(at, to);
    else pieces.push({ kind: 'plain', text: text.slice(at, to) });
  };
  for (const match of text.matchAll(TOKENS)) {
    const [whole, comment, string, annotation, type, word] = match;
    const kind: Piece['kind'] = comment
      ? 'comment'
      : string
        ? 'string'
        : annotation
          ? 'annotation'
          : type
            ? 'type'
            : EFFECTS.has(word ?? '')
              ? 'effect'
              : KEYWORDS.has(word ?? '')
                ? 'keyword'
                : 'plain';
    if (kind === 'plain') continue;
    plain(match.index);
    pieces.push({ kind, text: whole });
    at = match.index + whole.length;
  }
  plain(text.length);
  return pieces;
}

/** Whether a policy allows or forbids, from its first word outside annotations and comments. */
export function effectOf(text: string): 'permit' | 'forbid' | null {
  const effect = cedarPieces(text).find((piece) => piece.kind === 'effect')?.text;
  return effect === 'permit' || effect === 'forbid' ? effect : null;
}
