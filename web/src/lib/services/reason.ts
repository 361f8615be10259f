/** Ids of people and tokens, which the platform writes where they gave no reason of their own. */
const ID = /\b[a-z]{3}_[0-9A-HJKMNP-TV-Z]{26}\b/g;

/** A reason in pieces: what stands in backticks is code, and ids of people are their names. */
export function piecesOf(text: string, nameOf: (id: string) => string): { text: string; code: boolean }[] {
  return text
    .split('`')
    .map((piece, at) => ({ text: piece.replace(ID, (id) => nameOf(id)), code: at % 2 === 1 }))
    .filter((piece) => piece.text !== '');
}
