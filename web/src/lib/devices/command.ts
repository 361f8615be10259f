import type { JsonObject, NewThing, Platform } from '$lib/api/things';
import { shellQuote } from '$lib/format/command';
import { isObject } from './document';

/** Where devices reach the broker; null where it does not listen. */
export type Broker = { host: string; port: string };

const EXAMPLE = '{"temp": 21.5}';

/** Where the broker listens, as seen from the computer whose browser reached the console at `hostname`. */
export function brokerOf(
  listeners: Platform['listeners'],
  hostname: string,
  listener: 'mqtt' | 'mqtt_tls' = 'mqtt',
): Broker | null {
  const address = listeners.find(({ name }) => name === listener)?.address;
  const match = /^(.*):(\d+)$/.exec(address ?? '');
  if (!match) return null;
  const host = match[1]!.replace(/^\[|\]$/g, '');
  // An address that stands for all of them is no address to connect to.
  const everywhere = host === '0.0.0.0' || host === '::' || host === '';
  return { host: everywhere ? hostname : host, port: match[2]! };
}

/** The line that publishes a message as the device; `secret` is a word of the shell, such as `"$SECRET"`. */
export function publishCommand(
  broker: Broker,
  thing: string,
  secret: string,
  topic = `dt/${thing}/reading`,
  payload = EXAMPLE,
): string {
  return [
    `mosquitto_pub -h ${word(broker.host)} -p ${broker.port}`,
    `  -i ${word(thing)} -u ${word(thing)} -P ${secret}`,
    `  -q 1 -t ${word(topic)} -m ${shellQuote(payload)}`,
  ].join(' \\\n');
}

/** The same where the secret is not known here: the shell asks for it. One command, so that pasting it answers nothing. */
export function askingPublishCommand(
  broker: Broker,
  thing: string,
  topic?: string,
  payload?: string,
): string {
  return `read -rs SECRET && ${publishCommand(broker, thing, '"$SECRET"', topic, payload)}`;
}

/** The line that publishes over TLS by a certificate, with its files in the folder where it runs. */
export function certifiedPublishCommand(broker: Broker, thing: string): string {
  return [
    `mosquitto_pub -h ${word(broker.host)} -p ${broker.port} -i ${word(thing)}`,
    `  --cafile root.pem --cert device.pem --key device.key`,
    `  -q 1 -t ${word(`dt/${thing}/reading`)} -m ${shellQuote(EXAMPLE)}`,
  ].join(' \\\n');
}

/** The lines that make a device and let it speak. */
export function firstDeviceCommand(broker: Broker): string {
  const thing = 'pump-7';
  return `SECRET=$(trunkline thing create ${thing} --kind pump)\n${publishCommand(broker, thing, '"$SECRET"')}`;
}

export const thingCommands = {
  list: () => 'trunkline thing list',
  remove: (name: string) => `trunkline thing remove ${word(name)}`,
  renew: (name: string) => `trunkline thing renew ${word(name)}`,
  /** The line that makes a device; attributes that are more than text have no line, and the API takes them. */
  create({ name, kind, attributes }: NewThing): string | null {
    if (Object.values(attributes).some((value) => typeof value !== 'string')) return null;
    return [
      `trunkline thing create ${word(name)}`,
      ...(kind ? [`--kind ${word(kind)}`] : []),
      ...Object.entries(attributes).map(([key, value]) => `--attribute ${word(`${key}=${String(value)}`)}`),
    ].join(' ');
  },
};

export const twinCommands = {
  show: (thing: string, shadow: string) => `trunkline twin show ${word(thing)}${shadowOption(shadow)}`,
  want: (thing: string, shadow: string, desired: JsonObject, version?: number) =>
    `trunkline twin want ${word(thing)} ${shellQuote(JSON.stringify(desired))}${shadowOption(shadow)}${version === undefined ? '' : ` --version ${version}`}`,
};

/** The curl line that asks the API; the token comes from the environment, never from the page. Without a method curl chooses it. */
export function apiCurl(origin: string, path: string, body?: unknown, method?: 'PUT' | 'DELETE'): string {
  return [
    `curl -sS ${method ? `-X ${method} ` : ''}${word(origin + path)}`,
    `  -H "authorization: Bearer $TRUNKLINE_TOKEN"`,
    ...(body === undefined
      ? []
      : [`  -H 'content-type: application/json'`, `  -d ${shellQuote(JSON.stringify(body))}`]),
  ].join(' \\\n');
}

/** The topic of a twin on which a device reports. */
export function updateTopic(thing: string, shadow: string): string {
  return `$aws/things/${thing}/shadow/${shadow ? `name/${shadow}/` : ''}update`;
}

/** Attributes as short texts; those that are more than a word stand as JSON. */
export function attributeTexts(attributes: JsonObject): { key: string; value: string }[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value),
  }));
}

function shadowOption(shadow: string): string {
  return shadow ? ` --shadow ${word(shadow)}` : '';
}

/** A word of the shell; quoted only where it must be, so that lines stay readable. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuote(text);
}
