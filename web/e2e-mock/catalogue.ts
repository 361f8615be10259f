import { ago } from './fixtures';

const DAY = 24 * 60;
const column = (name: string, type = 'string') => ({ name, type });

export const types = [
  {
    name: 'gateway',
    description: '',
    attributes: null,
    reported: null,
    shadow_bytes: 8_192,
    changed: ago(30 * DAY),
  },
  {
    name: 'pump',
    description: 'Pumps of the cellar',
    attributes: { type: 'object', required: ['site'], properties: { site: { type: 'string' } } },
    reported: {
      type: 'object',
      properties: { speed: { type: 'number', maximum: 3_000 }, state: { enum: ['idle', 'running'] } },
    },
    shadow_bytes: 16_384,
    changed: ago(3 * DAY),
  },
];
/** `meter` has a device, and no type. */
export const counts = {
  columns: [column('kind'), column('devices', 'integer')],
  rows: [
    ['gateway', 1],
    ['meter', 1],
    ['pump', 9],
  ],
};
export const pumps = {
  columns: [
    column('thing'),
    column('attributes', 'json'),
    column('connected', 'boolean'),
    column('created', 'timestamp'),
  ],
  rows: Array.from({ length: 9 }, (_, i) => [`pump-${i + 1}`, '{}', i % 3 !== 0, ago(30 * DAY)]),
};
/** Who was put into `plant`; the others are in it by its parts. */
export const direct = {
  columns: [column('group_name'), column('thing')],
  rows: ['gateway-1', 'pump-7', 'pump-8'].map((thing) => ['plant', thing]),
};

const artifact = (version: string, more: object = {}) => ({
  name: 'pump-firmware',
  version,
  bytes: 1_048_576,
  sha256: '84d8'.repeat(16),
  signature: `MEUCIQ${'Dk3v'.repeat(21)}==`,
  key: '1f0c'.repeat(16),
  content_type: 'application/octet-stream',
  created: ago(2 * DAY),
  by: 'acc_mia',
  ...more,
});
export const artifacts = [
  artifact('1.3.0', { created: ago(40 * DAY), bytes: 1_040_112 }),
  artifact('1.4.0'),
  artifact('1.4.1-rc.1+7', { created: ago(20), sha256: 'c0de'.repeat(16) }),
];

export const twin = {
  state: {
    desired: { target: 21 },
    reported: { target: 21, room: 24.6, state: 'heating', window_open: false },
  },
  metadata: { desired: {}, reported: {} },
  version: 12,
  timestamp: Math.floor(Date.parse(ago(1)) / 1_000),
};
const residual = (field: string, reported: number, expected: number) => [
  field,
  'thermostat',
  reported,
  expected,
  reported - expected,
  ago(11),
  ago(1),
];
export const residuals = {
  columns: [
    column('field'),
    column('kind'),
    ...['reported', 'expected', 'residual'].map((name) => column(name, 'float')),
    column('since', 'timestamp'),
    column('changed', 'timestamp'),
  ],
  rows: [
    residual('room', 24.6, 21.2),
    residual('state', 1, 0),
    residual('target', 21, 21),
    residual('window_open', 0, 0),
  ],
};
/** The twins of the device have no older versions. */
export const versions = {
  columns: [
    column('time', 'timestamp'),
    column('version', 'integer'),
    column('deleted', 'boolean'),
    column('desired', 'json'),
    column('reported', 'json'),
    column('by'),
    column('offset', 'integer'),
  ],
  rows: [],
};
