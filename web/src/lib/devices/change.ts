import type { JsonObject, Thing, ThingChange } from '$lib/api/things';
import { same } from './document';

/** What has to be sent so that a device gets this kind and these attributes: only what changes, and null for what goes. */
export function changeBetween(from: Thing, kind: string, attributes: JsonObject): ThingChange {
  const gone = Object.keys(from.attributes).filter((name) => !Object.hasOwn(attributes, name));
  const written = Object.entries(attributes).filter(
    ([name, value]) => !Object.hasOwn(from.attributes, name) || !same(from.attributes[name], value),
  );
  const changed: JsonObject = Object.fromEntries([...gone.map((name) => [name, null]), ...written]);
  return {
    ...(kind === from.kind ? {} : { kind }),
    ...(Object.keys(changed).length === 0 ? {} : { attributes: changed }),
  };
}
