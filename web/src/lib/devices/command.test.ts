import { describe, expect, it } from 'vitest';
import {
  apiCurl,
  askingPublishCommand,
  attributeTexts,
  brokerOf,
  certifiedPublishCommand,
  publishCommand,
  thingCommands,
  twinCommands,
  updateTopic,
} from './command';

const broker = { host: '127.0.0.1', port: '1883' };

it('knows where the broker is', () => {
  const at = (address: string) =>
    brokerOf(
      [
        { name: 'api', address: 'x:1' },
        { name: 'mqtt', address },
      ],
      'hub.lan',
    );
  expect(at('127.0.0.1:1883')).toEqual(broker);
  expect(at('0.0.0.0:1884')).toEqual({ host: 'hub.lan', port: '1884' });
  expect(at('[::]:1883')).toEqual({ host: 'hub.lan', port: '1883' });
  expect(at('[::1]:1883')).toEqual({ host: '::1', port: '1883' });
  expect(brokerOf([], 'hub.lan')).toBeNull();
  const both = [
    { name: 'mqtt', address: '127.0.0.1:1883' },
    { name: 'mqtt_tls', address: '0.0.0.0:8883' },
  ];
  expect(brokerOf(both, 'hub.lan', 'mqtt_tls')).toEqual({ host: 'hub.lan', port: '8883' });
  expect(brokerOf(both.slice(0, 1), 'hub.lan', 'mqtt_tls')).toBeNull();
});

it('writes lines for the shell', () => {
  expect(publishCommand(broker, 'pump-7', 'tld_x')).toBe(
    `mosquitto_pub -h 127.0.0.1 -p 1883 \\
  -i pump-7 -u pump-7 -P tld_x \\
  -q 1 -t dt/pump-7/reading -m '{"temp": 21.5}'`,
  );
  // The topics of twins begin with what the shell takes for a variable.
  expect(askingPublishCommand(broker, 'pump-7', updateTopic('pump-7', ''), '{}')).toBe(
    `read -rs SECRET && mosquitto_pub -h 127.0.0.1 -p 1883 \\
  -i pump-7 -u pump-7 -P "$SECRET" \\
  -q 1 -t '$aws/things/pump-7/shadow/update' -m '{}'`,
  );
  expect(certifiedPublishCommand(broker, 'pump-7')).toBe(
    `mosquitto_pub -h 127.0.0.1 -p 1883 -i pump-7 \\
  --cafile root.pem --cert device.pem --key device.key \\
  -q 1 -t dt/pump-7/reading -m '{"temp": 21.5}'`,
  );
  expect(updateTopic('a', 'net')).toBe('$aws/things/a/shadow/name/net/update');
});

describe('the command line', () => {
  it('quotes what needs it', () => {
    expect(twinCommands.want('pump-7', "a'b", { mode: "it's" }, 3)).toBe(
      `trunkline twin want pump-7 '{"mode":"it'\\''s"}' --shadow 'a'\\''b' --version 3`,
    );
    expect(twinCommands.show('pump-7', '')).toBe('trunkline twin show pump-7');
  });

  it('makes a device where its attributes are text', () => {
    const thing = { name: 'pump-7', kind: 'big pump', attributes: { site: 'north', note: 'a b' } };
    expect(thingCommands.create(thing)).toBe(
      `trunkline thing create pump-7 --kind 'big pump' --attribute site=north --attribute 'note=a b'`,
    );
    expect(thingCommands.create({ ...thing, attributes: { floor: 2 } })).toBeNull();
  });

  it('has no token in it', () => {
    expect(apiCurl('http://x:1', '/v1/things/a/twin?shadow=b', { state: null })).toBe(
      `curl -sS 'http://x:1/v1/things/a/twin?shadow=b' \\
  -H "authorization: Bearer $TRUNKLINE_TOKEN" \\
  -H 'content-type: application/json' \\
  -d '{"state":null}'`,
    );
    expect(apiCurl('http://x:1', '/v1/relations', { kind: 'feeds' }, 'PUT')).toMatch(
      /^curl -sS -X PUT http:\/\/x:1\/v1\/relations \\/,
    );
  });
});

it('shows attributes as short texts', () => {
  expect(attributeTexts({ site: 'north', floor: 2, tags: ['a'], at: null })).toEqual([
    { key: 'site', value: 'north' },
    { key: 'floor', value: '2' },
    { key: 'tags', value: '["a"]' },
    { key: 'at', value: 'null' },
  ]);
});
