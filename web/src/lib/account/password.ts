/** The shortest password that the server takes, in characters. */
export const SHORTEST = 12;
/** The longest, so that hashing stays cheap. */
export const LONGEST = 256;

export type Strength = { level: 0 | 1 | 2 | 3; text: string };

/**
 * A hint, never a rule: length counts most, as it does for those who guess. The server decides what it takes.
 */
export function strengthOf(password: string, known: string[] = []): Strength {
  const length = [...password].length;
  if (length === 0) return { level: 0, text: '' };
  if (length < SHORTEST)
    return { level: 0, text: `Too short: ${SHORTEST - length} more, at least ${SHORTEST} characters.` };
  if (length > LONGEST) return { level: 0, text: `Too long: at most ${LONGEST} characters.` };
  const lower = password.toLowerCase();
  const named = known
    .map((one) => one.trim().toLowerCase())
    .find((one) => one.length >= 4 && lower.includes(one));
  if (named) return { level: 1, text: 'Weak: it holds your name or address.' };
  const variety = new Set(lower).size;
  if (variety <= 4 || isRun(lower))
    return { level: 1, text: 'Weak: few different characters or a row of them.' };
  if (length >= 16 && variety >= 8) return { level: 3, text: 'Strong.' };
  return { level: 2, text: 'Fair: a few words more make it strong.' };
}

/** `abcdefghij`, `zyxwvutsrqpo`. */
function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, i) => code - codes[i]!);
  return steps.every((step) => step === 1) || steps.every((step) => step === -1);
}
