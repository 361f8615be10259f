/** What somebody typed as a payload; nothing typed is none at all. */
export type Payload =
  { given: boolean; value: unknown; mistake: null } | { given: true; value: null; mistake: string };

export const LONGEST_DEADLINE = 86_400;

/** Reads any JSON value. */
export function readPayload(text: string): Payload {
  if (text.trim() === '') return { given: false, value: null, mistake: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return wrong(`This is not JSON yet: ${error instanceof Error ? error.message : String(error)}`);
  }
  return hasLargeNumber(value)
    ? wrong('It has a larger number than a browser keeps exactly. Send it with the API.')
    : { given: true, value, mistake: null };
}

/** Whether a command can be called so. */
export function isCommandName(name: string): boolean {
  return /^[a-zA-Z0-9_.-]{1,64}$/.test(name);
}

/** Whether an answer can be waited for so long. */
export function isDeadline(seconds: number | null): seconds is number {
  return seconds !== null && Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_DEADLINE;
}

/** A whole number beyond 2^53 would be sent as another one, and what is no number any more as null. */
function hasLargeNumber(value: unknown): boolean {
  if (typeof value === 'number')
    return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLargeNumber);
}

function wrong(mistake: string): Payload {
  return { given: true, value: null, mistake };
}
