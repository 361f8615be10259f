import { ago } from './fixtures';

const DAY = 24 * 60;

const thing = (name: string, kind: string) => ({ name, kind, attributes: {}, created: ago(30 * DAY) });
export const things = [
  ...Array.from({ length: 9 }, (_, i) => thing(`pump-${i + 1}`, 'pump')),
  thing('gateway-1', 'gateway'),
  thing('meter-1', 'meter'),
];

/** The platform started a day ago, so that what connected before is not known to be there. */
export const system = {
  version: '1.0.0',
  started: ago(DAY),
  listeners: [{ name: 'mqtt', address: '127.0.0.1:1883' }],
};

const group = (name: string, more: object = {}) => ({
  name,
  parent: null,
  statement: null,
  description: '',
  created: ago(9 * DAY),
  ...more,
});
export const groups = [
  group('cellar', { parent: 'plant', description: 'Below the hall' }),
  group('hot', { statement: 'select thing from readings where temp > 80' }),
  group('plant'),
  group('roof', { parent: 'plant' }),
];
export const members: Record<string, string[]> = {
  plant: ['gateway-1', ...Array.from({ length: 8 }, (_, i) => `pump-${i + 1}`)],
  cellar: ['pump-1', 'pump-2', 'pump-3', 'pump-4', 'pump-5'],
  roof: ['pump-6'],
};

const column = (name: string, type = 'string') => ({ name, type });
const sign = (name: string, type: 'connected' | 'gone', minutes: number, reason = '') => [
  name,
  name,
  `trunkline.fleet.client.${type}.v1`,
  reason,
  ago(minutes),
  Math.round(100_000 - minutes),
];
/** Five pumps are there, two went, and of the others nothing is known. */
export const signs = {
  columns: [
    ...['thing', 'client', 'type', 'reason'].map((name) => column(name)),
    column('time', 'timestamp'),
    column('place', 'integer'),
  ],
  rows: [
    ...[1, 2, 3, 6, 7].map((i) => sign(`pump-${i}`, 'connected', 60 + i)),
    sign('pump-4', 'gone', 5, 'lost'),
    sign('pump-8', 'gone', 90, 'disconnected'),
    // Heard of before the platform started, and not since.
    sign('pump-5', 'connected', 3 * DAY),
  ],
};
export const lastMessages = { columns: [column('thing'), column('time', 'timestamp')], rows: [] };

const command = (id: string, more: object) => ({
  id: `cmd_${id}`,
  thing: 'pump-1',
  name: 'reboot',
  status: 'sent',
  reason: null,
  by: 'acc_jo',
  created: ago(1),
  deadline: ago(-1),
  delivered: ago(1),
  ended: null,
  ...more,
});
export const commands = [
  command('4', { deadline: ago(-5) }),
  command('3', { name: 'measure', status: 'succeeded', created: ago(9), deadline: ago(8), ended: ago(9) }),
  command('2', {
    name: 'measure',
    status: 'failed',
    reason: 'the sensor is stuck',
    created: ago(70),
    deadline: ago(69),
    ended: ago(70),
  }),
  command('1', {
    name: 'set.speed',
    status: 'timed_out',
    delivered: null,
    created: ago(200),
    deadline: ago(199),
    ended: ago(199),
  }),
];
const more: Record<string, object> = {
  cmd_3: { result: { temp: 61.5, pressure: 2 } },
  cmd_4: { payload: { delay: 5 } },
};
export const whole = (id: string) => {
  const found = commands.find((one) => one.id === id);
  return found ? { payload: null, result: null, binary: false, ...found, ...more[id] } : null;
};

const related = (kind: string, end: string) => ({ kind, end, since: ago(4 * DAY), by: 'acc_jo' });
export const relations = {
  outgoing: [related('talks-through', 'thing:gateway-1'), related('part-of', 'place:cellar')],
  incoming: [related('feeds', 'thing:pump-2')],
  next: null,
};
export const reach = {
  total: 2,
  complete: true,
  ends: [
    { end: 'thing:pump-2', distance: 1 },
    { end: 'thing:pump-3', distance: 2 },
  ],
};

const side = (more: object = {}) => ({
  connected: true,
  subscribed: true,
  since: ago(200),
  connections: 1,
  last_error: null,
  ...more,
});
const flow = (more: object = {}) => ({
  received: 0,
  forwarded: 0,
  waiting: 0,
  dropped: 0,
  returned: 0,
  unwanted: 0,
  ...more,
});
export const bridges = [
  {
    name: 'aws',
    server: 'mqtts://example-ats.iot.eu-central-1.amazonaws.com:8883',
    local: side(),
    remote: side({
      connected: false,
      since: ago(3),
      connections: 4,
      last_error: 'the other broker refused the connection: not authorized',
    }),
    out: flow({ received: 182_044, forwarded: 181_902, waiting: 100, dropped: 42 }),
    in: flow({ received: 311, forwarded: 310, returned: 1 }),
    problems: [],
  },
  {
    name: 'hall',
    server: 'mqtt://10.0.0.40:1883',
    local: side(),
    remote: side(),
    out: flow({ received: 7_112, forwarded: 7_112 }),
    in: flow({ received: 96, forwarded: 96 }),
    problems: [],
  },
  {
    name: 'new',
    server: null,
    local: side({ connected: false, subscribed: false, since: null, connections: 0 }),
    remote: side({ connected: false, subscribed: false, since: null, connections: 0 }),
    out: flow(),
    in: flow(),
    problems: [
      {
        file: 'bridge/new.toml',
        line: 4,
        key: 'out[0].filter',
        text: 'a filter may not be empty',
        hint: 'write dt/# for all that devices measure',
      },
    ],
  },
];

const seconds = (minutes: number) => Math.floor(Date.parse(ago(minutes)) / 1_000);
export const job = {
  jobId: 'ota-7',
  status: 'CANCELED',
  targetSelection: 'SNAPSHOT',
  createdAt: seconds(30),
  lastUpdatedAt: seconds(8),
  completedAt: seconds(8),
  document: { operation: 'update', version: '1.4.0' },
  description: null,
  targetGroups: ['plant'],
  jobExecutionsRolloutConfig: { maximumPerMinute: 50 },
  abortConfig: {},
  timeoutConfig: {},
  jobExecutionsRetryConfig: {},
  gates: { abort: 'select max(temp) > 90 from readings', everySeconds: 5 },
  startsAt: seconds(30),
  forceCanceled: false,
  reasonCode: 'ABORTED_BY_GATE',
  comment: null,
  progress: {
    targets: 400,
    notified: 300,
    executions: {
      queued: 0,
      in_progress: 0,
      succeeded: 170,
      failed: 30,
      timed_out: 12,
      rejected: 8,
      removed: 0,
      canceled: 80,
    },
    stage: null,
    servedAt: null,
    advance: null,
    failed: {},
  },
};
const moves = Array.from({ length: 20 }, (_, i) => i).flatMap((i) => {
  const at = ago(29 - i);
  return [
    ...(i < 15 ? [[at, null, 'QUEUED', 20]] : []),
    ...(i > 0 && i < 12 ? [[at, 'QUEUED', 'IN_PROGRESS', 20]] : []),
    ...(i > 2 && i < 13
      ? [
          [at, 'IN_PROGRESS', 'SUCCEEDED', 17],
          [at, 'IN_PROGRESS', 'FAILED', 3],
        ]
      : []),
    ...(i === 14
      ? [
          [at, 'IN_PROGRESS', 'TIMED_OUT', 12],
          [at, 'IN_PROGRESS', 'REJECTED', 8],
        ]
      : []),
    ...(i === 19 ? [[at, 'QUEUED', 'CANCELED', 80]] : []),
  ];
});
export const jobMoves = {
  columns: [column('at', 'timestamp'), column('before'), column('status'), column('executions', 'integer')],
  rows: moves,
};
const changed = (minutes: number, data: object) => [
  ago(minutes),
  'trunkline.fleet.job.changed.v1',
  JSON.stringify({ job: 'ota-7', ...data }),
];
export const jobMarks = {
  columns: [column('time', 'timestamp'), column('type'), column('data', 'json')],
  rows: [
    changed(30, { status: 'SCHEDULED', by: 'acc_jo' }),
    changed(29.9, { status: 'IN_PROGRESS' }),
    changed(8, { status: 'CANCELED', reason: 'ABORTED_BY_GATE', statement: job.gates.abort }),
  ],
};
