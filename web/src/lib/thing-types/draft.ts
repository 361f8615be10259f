import type { NewThingType, ThingType } from '$lib/api/thing-types';
import { readObject } from '$lib/devices/desired';
import { pretty } from '$lib/devices/document';
import type { JsonObject } from '$lib/api/things';

/** What somebody typed into the form of a type. */
export type TypeDraft = {
  description: string;
  /** Schemas as texts of JSON; an empty one is none. */
  attributes: string;
  reported: string;
  kibibytes: number | null;
};

export const NO_TYPE: TypeDraft = { description: '', attributes: '', reported: '', kibibytes: null };
/** What a twin may have where nothing is said. */
export const USUAL_KIBIBYTES = 8;
export const MOST_KIBIBYTES = 64;

/** The form of a type that is there already. */
export function draftOf(type: ThingType): TypeDraft {
  return {
    description: type.description,
    attributes: type.attributes ? pretty(type.attributes) : '',
    reported: type.reported ? pretty(type.reported) : '',
    kibibytes: type.shadow_bytes / 1_024,
  };
}

export type ReadSchema = { value: JsonObject | null; mistake: string | null };

/** Reads a schema. Whether it is one, only the server knows; here it must be an object of JSON. */
export function readSchema(text: string): ReadSchema {
  return text.trim() === '' ? { value: null, mistake: null } : readObject(text);
}

/** The type as the API takes it; null while a schema is not JSON. */
export function newType(draft: TypeDraft): NewThingType | null {
  const [attributes, reported] = [readSchema(draft.attributes), readSchema(draft.reported)];
  if (attributes.mistake !== null || reported.mistake !== null) return null;
  return {
    description: draft.description.trim(),
    attributes: attributes.value,
    reported: reported.value,
    shadow_bytes: draft.kibibytes === null ? null : Math.round(draft.kibibytes * 1_024),
  };
}

/** How much a schema says, in a word or a few. */
export function schemaText(schema: JsonObject | null): string {
  if (!schema) return 'anything';
  const { properties } = schema;
  const count = typeof properties === 'object' && properties !== null ? Object.keys(properties).length : 0;
  return count === 0 ? 'a schema' : count === 1 ? '1 property' : `${count} properties`;
}
