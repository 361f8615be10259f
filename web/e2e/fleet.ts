import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import type { APIRequestContext, Page } from '@playwright/test';
import { unique } from './pages';

const headers = { authorization: `Bearer ${process.env.TRUNKLINE_TOKEN}` };

/** The device whose pages are looked at as a whole. */
export const DEVICE = unique('pump');
/** The job that it has. */
export const JOB = unique('ota');

/** The group that it is in. */
export const GROUP = unique('site');

/** A group that a statement makes up, with the device in it. */
export const FOUND = unique('found');
/** A type with a schema, and an artifact. */
export const TYPE = unique('kind');
export const ARTIFACT = { name: unique('firmware'), version: '1.4.0' };

/** Its pages, with what must be on them before they count as shown. */
export const DEVICE_PAGES: { name: string; path: string; shown: (page: Page) => Promise<void> }[] = [
  {
    name: 'devices-list',
    path: `/devices?q=${DEVICE}`,
    shown: (page) => page.getByRole('link', { name: DEVICE }).waitFor(),
  },
  {
    name: 'device-twin',
    path: `/devices/${DEVICE}`,
    shown: (page) => page.getByRole('slider', { name: 'Version' }).waitFor(),
  },
  {
    name: 'device-twin-history',
    path: `/devices/${DEVICE}?version=2`,
    shown: (page) => page.getByRole('heading', { name: 'As of version 2' }).waitFor(),
  },
  {
    name: 'device-telemetry',
    path: `/devices/${DEVICE}?tab=telemetry`,
    shown: (page) => page.getByRole('img', { name: /^temp over time/ }).waitFor(),
  },
  {
    name: 'device-events',
    path: `/devices/${DEVICE}?tab=events`,
    shown: (page) => page.getByText('Topic refused').first().waitFor(),
  },
  {
    name: 'device-credential',
    path: `/devices/${DEVICE}?tab=credential`,
    shown: (page) => page.getByText('with the device').waitFor(),
  },
  {
    name: 'device-certificates',
    path: `/devices/${DEVICE}?tab=certificates`,
    shown: (page) => page.getByText('Ends within 30 days').waitFor(),
  },
  {
    name: 'device-commands',
    path: `/devices/${DEVICE}?tab=commands`,
    shown: (page) => page.getByRole('link', { name: /^reboot/ }).waitFor(),
  },
  {
    name: 'device-relations',
    path: `/devices/${DEVICE}?tab=relations`,
    shown: (page) => page.getByText('place:cellar', { exact: true }).waitFor(),
  },
  {
    name: 'device-groups',
    path: '/devices?view=map',
    shown: (page) => page.getByRole('img', { name: `${GROUP}: ` }).waitFor(),
  },
  {
    name: 'device-jobs',
    path: `/devices/${DEVICE}?tab=jobs`,
    shown: (page) => page.getByRole('link', { name: JOB }).waitFor(),
  },
  {
    name: 'group-list',
    path: `/groups/${GROUP}`,
    shown: (page) => page.getByRole('link', { name: DEVICE }).waitFor(),
  },
  {
    name: 'group-statement',
    path: `/groups/${FOUND}`,
    shown: (page) => page.getByRole('link', { name: DEVICE }).waitFor(),
  },
  {
    name: 'type',
    path: `/types/${TYPE}`,
    shown: async (page) => {
      await page.getByRole('region', { name: 'attributes schema' }).waitFor();
      await page.getByText('No device has this kind yet.').waitFor();
    },
  },
  {
    name: 'artifact',
    path: `/artifacts/${ARTIFACT.name}@${ARTIFACT.version}/about`,
    shown: (page) => page.getByRole('region', { name: 'signature' }).waitFor(),
  },
  {
    name: 'jobs-list',
    path: '/jobs?status=IN_PROGRESS',
    shown: (page) => page.getByRole('link', { name: JOB }).waitFor(),
  },
  {
    name: 'job',
    path: `/jobs/${JOB}`,
    shown: async (page) => {
      await page.getByRole('link', { name: DEVICE }).waitFor();
      await page.getByRole('img', { name: `Executions of ${JOB} over time` }).waitFor();
    },
  },
];

/** Makes {@link DEVICE} with something in each of its pages. */
export async function prepareDevice(request: APIRequestContext): Promise<void> {
  const secret = await makeDevice(request, DEVICE, { site: 'north', floor: 2 });
  const broker = await brokerOf(request);
  const readings = Array.from({ length: 40 }, (_, i) =>
    JSON.stringify({ temp: 21 + Math.round(Math.sin(i / 5) * 40) / 10, pressure: { bar: (120 + i) / 100 } }),
  );
  publishSlowly(broker, DEVICE, secret, `dt/${DEVICE}/reading`, readings);
  await report(request, DEVICE, { interval: 5, mode: 'eco' });
  await want(request, DEVICE, { interval: 10, net: { ssid: 'hall' } });
  await report(request, DEVICE, { interval: 10 });
  await post(request, `/v1/things/${DEVICE}/certificates`, { days: 7 });
  await post(request, `/v1/things/${DEVICE}/commands`, { name: 'reboot', deadline_seconds: 86_400 });
  await relate(request, `thing:${DEVICE}`, 'part-of', 'place:cellar');
  await makeGroup(request, { name: GROUP }, [DEVICE]);
  await makeGroup(request, { name: FOUND, statement: `select '${DEVICE}' as thing` }, []);
  await makeType(request, TYPE, { type: 'object', required: ['site'] });
  await putArtifact(request, ARTIFACT.name, ARTIFACT.version, Buffer.alloc(4_096, 1));
  await makeJob(request, JOB, [DEVICE]);
  try {
    publish(broker, DEVICE, secret, 'dt/another/reading', '1');
  } catch {
    // It is refused, which is what the page of events is to show.
  }
}

/** Makes a device and gives its secret. */
export async function makeDevice(
  request: APIRequestContext,
  name: string,
  attributes: object = {},
  kind = 'pump',
): Promise<string> {
  const response = await request.post('/v1/things', { headers, data: { name, kind, attributes } });
  if (!response.ok()) throw new Error(`the device was refused: ${await response.text()}`);
  return ((await response.json()) as { secret: string }).secret;
}

/** Makes a job. */
export async function makeJob(request: APIRequestContext, jobId: string, targets: string[]): Promise<void> {
  await post(request, '/v1/jobs', { jobId, targets, document: { operation: 'update', version: '1.4.0' } });
}

/** Makes a group and puts devices into it. */
export async function makeGroup(
  request: APIRequestContext,
  group: { name: string; parent?: string; statement?: string },
  things: string[],
): Promise<void> {
  await post(request, '/v1/thing-groups', group);
  for (const thing of things) {
    const path = `/v1/thing-groups/${group.name}/things/${thing}`;
    const response = await request.put(path, { headers });
    if (!response.ok()) throw new Error(`${path} was refused: ${await response.text()}`);
  }
}

/** Makes a type whose devices must have such attributes. */
export async function makeType(request: APIRequestContext, name: string, attributes: object): Promise<void> {
  const response = await request.put(`/v1/thing-types/${name}`, { headers, data: { attributes } });
  if (!response.ok()) throw new Error(`the type was refused: ${await response.text()}`);
}

/** Uploads an artifact. */
export async function putArtifact(
  request: APIRequestContext,
  name: string,
  version: string,
  data: Buffer,
): Promise<void> {
  const type = { 'content-type': 'application/octet-stream' };
  const response = await request.put(`/v1/artifacts/${name}/${version}`, {
    headers: { ...headers, ...type },
    data,
  });
  if (!response.ok()) throw new Error(`the artifact was refused: ${await response.text()}`);
}

/** Relates an end to another. */
export async function relate(
  request: APIRequestContext,
  from: string,
  kind: string,
  to: string,
): Promise<void> {
  const response = await request.put('/v1/relations', { headers, data: { from, kind, to } });
  if (!response.ok()) throw new Error(`the relation was refused: ${await response.text()}`);
}

async function post(request: APIRequestContext, path: string, data: object): Promise<void> {
  const response = await request.post(path, { headers, data });
  if (!response.ok()) throw new Error(`${path} was refused: ${await response.text()}`);
}

/** Wants something of a device, as somebody else than the page. */
export function want(request: APIRequestContext, name: string, desired: object): Promise<void> {
  return write(request, name, { desired });
}

/** Reports something, as the device would. */
export function report(request: APIRequestContext, name: string, reported: object): Promise<void> {
  return write(request, name, { reported });
}

async function write(request: APIRequestContext, name: string, state: object): Promise<void> {
  const response = await request.post(`/v1/things/${name}/twin`, { headers, data: { state } });
  if (!response.ok()) throw new Error(`the twin was refused: ${await response.text()}`);
}

export type Broker = { host: string; port: string };

/** Where the broker of the server listens; its host and port are empty where it does not. */
export async function brokerOf(
  request: APIRequestContext,
  listener: 'mqtt' | 'mqtt_tls' = 'mqtt',
): Promise<Broker> {
  const response = await request.get('/v1/system', { headers });
  const { listeners } = (await response.json()) as { listeners: { name: string; address: string }[] };
  const [host = '', port = ''] = listeners.find((one) => one.name === listener)?.address.split(':') ?? [];
  return { host, port };
}

const connection = ({ host, port }: Broker, name: string, secret: string) => [
  ...['-h', host, '-p', port, '-u', name, '-P', secret],
];

/** Publishes with the client that people have; fails where the broker refuses. */
export function publish(broker: Broker, name: string, secret: string, topic: string, payload: string) {
  const more = ['-i', `${name}:publish`, '-q', '1', '-t', topic, '-m', payload];
  execFileSync('mosquitto_pub', [...connection(broker, name, secret), ...more], {
    stdio: 'ignore',
    timeout: 20_000,
  });
}

/** Publishes one payload after the other, ten a second. */
function publishSlowly(broker: Broker, name: string, secret: string, topic: string, payloads: string[]) {
  const more = ['-i', `${name}:publish`, '-q', '1', '-t', topic, '-l'];
  const script =
    'while IFS= read -r line; do printf "%s\\n" "$line"; sleep 0.1; done | exec mosquitto_pub "$@"';
  execFileSync('sh', ['-c', script, 'sh', ...connection(broker, name, secret), ...more], {
    input: `${payloads.join('\n')}\n`,
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: 20_000,
  });
}

/** Keeps a device connected until the process is killed. */
export function stayConnected(broker: Broker, name: string, secret: string): ChildProcess {
  const more = ['-i', name, '-t', `cmd/${name}/#`];
  return spawn('mosquitto_sub', [...connection(broker, name, secret), ...more], { stdio: 'ignore' });
}

/** Answers the first command that comes to a device, and goes. */
export function answerOnce(broker: Broker, name: string, secret: string, answer: object): ChildProcess {
  const script = `topic=$(mosquitto_sub "$@" -i "$NAME" -q 1 -t "cmd/$NAME/+/req/+" -C 1 -F %t) &&
exec mosquitto_pub "$@" -i "$NAME:answer" -q 1 -t "$(echo "$topic" | sed 's#/req/#/res/#')" -m "$ANSWER"`;
  return spawn('sh', ['-c', script, 'sh', ...connection(broker, name, secret)], {
    env: { ...process.env, NAME: name, ANSWER: JSON.stringify(answer) },
    stdio: 'ignore',
  });
}
