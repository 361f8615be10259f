import type { JsonObject } from '$lib/api/things';
import { isObject, same } from './document';

export type Reading = { value: JsonObject; mistake: null } | { value: null; mistake: string };

/** Reads a JSON object that somebody typed; nothing typed is an empty one. */
export function readObject(text: string): Reading {
  if (text.trim() === '') return { value: {}, mistake: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return wrong(`This is not JSON yet: ${error instanceof Error ? error.message : String(error)}`);
  }
  return isObject(value) ? { value, mistake: null } : wrong('Write an object, such as {"interval": 10}.');
}

/** Reads what is wanted of a device: an object without nulls, which would mean that something goes, and without numbers that change here. */
export function readDesired(text: string): Reading {
  const read = readObject(text);
  if (!read.value) return read;
  const mistake = mistakeIn(read.value, '');
  return mistake ? wrong(mistake) : read;
}

/** What has to be sent so that `from` becomes `to`: only what changes, and null for what goes. */
export function patchBetween(from: JsonObject, to: JsonObject): JsonObject {
  const gone = Object.keys(from).filter((name) => !Object.hasOwn(to, name));
  const changed = Object.entries(to).flatMap(([name, value]) => {
    const was = Object.hasOwn(from, name) ? from[name] : undefined;
    if (same(was, value)) return [];
    return [[name, isObject(was) && isObject(value) ? patchBetween(was, value) : value]];
  });
  return Object.fromEntries([...gone.map((name) => [name, null]), ...changed]) as JsonObject;
}

/** What becomes of `document` by a patch, as the platform unites the two. */
export function applyPatch(document: JsonObject, patch: JsonObject): JsonObject {
  const kept = Object.entries(document).filter(([name]) => !Object.hasOwn(patch, name));
  const written = Object.entries(patch).flatMap(([name, value]) => {
    if (value === null) return [];
    const was = Object.hasOwn(document, name) ? document[name] : undefined;
    return [[name, isObject(value) ? applyPatch(isObject(was) ? was : {}, value) : value]];
  });
  return Object.fromEntries([...kept, ...written]) as JsonObject;
}

function mistakeIn(value: unknown, path: string): string | null {
  if (value === null) return `${path} is null. Leave it out to remove it; nothing else is meant by null.`;
  // A browser keeps whole numbers exactly up to 2^53; beyond, it would send another number than the one that was typed.
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return `${path} is a larger number than a browser keeps exactly. Set it on the command line.`;
  if (typeof value !== 'object') return null;
  for (const [name, inner] of Object.entries(value)) {
    const found = mistakeIn(inner, path === '' ? name : `${path}.${name}`);
    if (found) return found;
  }
  return null;
}

function wrong(mistake: string): Reading {
  return { value: null, mistake };
}
