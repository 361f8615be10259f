/** Times are relative to the run, so that ages stay readable. */
export const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const DAY = 24 * 60;

export const session = (role = 'owner') => ({
  principal: {
    kind: 'account',
    id: 'acc_mia',
    name: 'Mia Example',
    role,
    teams: ['payments'],
    scopes: role === 'owner' ? ['read', 'write', 'owner'] : role === 'viewer' ? ['read'] : ['read', 'write'],
  },
  expires: ago(-DAY),
});

const person = (id: string, name: string, more: object) => ({
  id,
  name,
  email: `${id.replace('acc_', '')}@example.org`,
  role: 'developer',
  teams: [],
  created: ago(40 * DAY),
  last_seen: ago(12),
  disabled: false,
  password: true,
  totp: false,
  passkeys: 0,
  ...more,
});

export const people = [
  person('acc_mia', 'Mia Example', { role: 'owner', teams: ['payments'], totp: true, passkeys: 1 }),
  person('acc_jo', 'Jo Sample', {
    role: 'operator',
    teams: ['payments', 'edge'],
    password: false,
    passkeys: 2,
  }),
  person('acc_li', 'Li Muster', { last_seen: ago(3 * DAY) }),
  person('acc_sam', 'Sam Prova', { role: 'viewer', email: null, disabled: true, last_seen: null }),
];

export const invitations = [
  {
    id: 'inv_1',
    email: 'ada@example.org',
    role: 'developer',
    teams: ['payments'],
    expires: ago(-2 * DAY),
    created: ago(DAY),
    by: 'Mia Example',
  },
  {
    id: 'inv_2',
    email: null,
    role: 'viewer',
    teams: [],
    expires: ago(-90),
    created: ago(70),
    by: 'Mia Example',
  },
];

export const teams = [
  {
    name: 'payments',
    created: ago(30 * DAY),
    members: [
      { id: 'acc_mia', name: 'Mia Example' },
      { id: 'acc_jo', name: 'Jo Sample' },
    ],
  },
  { name: 'edge', created: ago(9 * DAY), members: [{ id: 'acc_jo', name: 'Jo Sample' }] },
];

export const serviceAccounts = [
  {
    id: 'svc_1',
    name: 'deployer',
    role: 'developer',
    teams: ['payments'],
    created: ago(20 * DAY),
    disabled: false,
  },
  { id: 'svc_2', name: 'grafana', role: 'viewer', teams: [], created: ago(3 * DAY), disabled: true },
];

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
export const sessions = [
  { id: 'ses_1', created: ago(90), last_seen: ago(0), client: CHROME, method: 'passkey', current: true },
  {
    id: 'ses_2',
    created: ago(2 * DAY),
    last_seen: ago(300),
    client:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    method: 'password and code',
    current: false,
  },
];
export const passkeys = [{ id: 'pky_1', name: 'Laptop', created: ago(9 * DAY), last_used: ago(90) }];

const squares = Array.from({ length: 21 * 21 }, (_, i) => i)
  .filter((i) => (i * 7919) % 11 < 5)
  .map((i) => `<rect x="${i % 21}" y="${Math.floor(i / 21)}" width="1" height="1"/>`)
  .join('');
export const totp = {
  url: 'otpauth://totp/Trunkline:mia@example.org?secret=JBSWY3DPEHPK3PXP&issuer=Trunkline',
  secret: 'JBSWY3DPEHPK3PXP',
  qr_svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 21 21">${squares}</svg>`,
};
export const recoveryCodes = Array.from({ length: 10 }, (_, i) => `k${i}fq-7p2${i}-x${9 - i}mz`);

const SHIP = `// Whoever is in payments ships payments.
@id("payments-ship")
permit (
  principal in Team::"payments",
  action == Action::"service.deploy",
  resource
)
when { resource.team == "payments" };`;
export const policies = {
  policies: [
    {
      id: 'payments-ship',
      file: 'policies/payments.cedar',
      text: SHIP,
      annotations: { id: 'payments-ship', why: 'Agreed on in the review of June.' },
      built_in: false,
    },
    {
      id: 'no-erasure-by-programs',
      file: 'policies/payments.cedar',
      text: 'forbid (principal is Service, action == Action::"table.erase", resource);',
      annotations: {},
      built_in: false,
    },
    {
      id: 'role-viewer',
      file: 'built-in.cedar',
      text: 'permit (principal in Role::"viewer", action in Action::"read", resource);',
      annotations: {},
      built_in: true,
    },
  ],
  schema:
    'entity Person in [Team, Role];\nentity Table;\naction "sql.read" appliesTo { principal: [Person], resource: [Table] };',
  actions: [
    { name: 'sql.read', resource: 'Table', role: 'viewer', meaning: 'Ask a table in SQL.' },
    { name: 'service.deploy', resource: 'Service', role: 'developer', meaning: 'Ship a service.' },
    { name: 'table.erase', resource: 'Table', role: 'owner', meaning: 'Erase rows of a table.' },
  ],
  problems: [
    {
      file: 'policies/edge.cedar',
      text: 'line 4: unknown action "service.ship"; did you mean "service.deploy"?',
    },
  ],
};
export const decision = {
  allowed: false,
  principal: { kind: 'service', id: 'svc_1', name: 'deployer', role: 'developer', teams: ['payments'] },
  action: 'table.erase',
  resource: 'Table::"events"',
  policies: [
    {
      id: 'no-erasure-by-programs',
      file: 'policies/payments.cedar',
      text: 'forbid (principal is Service, action == Action::"table.erase", resource);',
    },
  ],
  reason: 'A policy forbids it.',
};

const route = (name: string, more: object) => ({
  name,
  file: 'gateway/routes.toml',
  hosts: ['api.example.org'],
  path: `/${name}/{rest}`,
  methods: [],
  auth: 'jwt',
  plan: 'standard',
  contract: null,
  upstreams: [{ name, weight: 100 }],
  mirror: null,
  requests: 48_210,
  errors: 12,
  refused: 903,
  p50_us: 1_840,
  p99_us: 21_400,
  ...more,
});
export const gateway = {
  listeners: ['0.0.0.0:8080'],
  generation: 17,
  routes: [
    route('orders', {
      contract: 'orders',
      upstreams: [
        { name: 'orders-v1', weight: 90 },
        { name: 'orders-v2', weight: 10 },
      ],
      mirror: 'orders-shadow',
    }),
    route('catalog', {
      auth: 'open',
      plan: null,
      methods: ['GET'],
      errors: 0,
      refused: 0,
      requests: 1_204_333,
      p50_us: 640,
    }),
    route('legacy', { auth: 'key', requests: 0, errors: 0, refused: 0, p50_us: null, p99_us: null }),
  ],
  upstreams: [
    {
      name: 'orders-v1',
      file: 'gateway/upstreams.toml',
      targets: [
        { url: 'http://10.0.0.11:9000', weight: 50, release: '1.8.2', state: 'healthy', in_flight: 4 },
        { url: 'http://10.0.0.12:9000', weight: 50, release: '1.8.2', state: 'open', in_flight: 0 },
      ],
    },
    {
      name: 'orders-v2',
      file: 'gateway/upstreams.toml',
      targets: [
        { url: 'http://10.0.0.21:9000', weight: 100, release: '2.0.0-rc1', state: 'unhealthy', in_flight: 0 },
        { url: 'http://10.0.0.22:9000', weight: 0, release: null, state: 'unknown', in_flight: 0 },
      ],
    },
  ],
  plans: [
    { name: 'standard', rate: 50, burst: 100, per_day: 10_000, per_month: null },
    { name: 'partner', rate: 500, burst: 1_000, per_day: null, per_month: 5_000_000 },
  ],
  problems: [
    { file: 'gateway/legacy.toml', line: 12, text: 'unknown key `timeuot`; did you mean `timeout`?' },
  ],
};
export const usage = [
  {
    key: 'tok_a1',
    name: 'shop',
    plan: 'standard',
    today: 9_412,
    month: 120_301,
    limit_day: 10_000,
    limit_month: null,
  },
  {
    key: 'tok_b2',
    name: 'crawler',
    plan: 'standard',
    today: 10_000,
    month: 55_000,
    limit_day: 10_000,
    limit_month: null,
  },
  {
    key: 'tok_c3',
    name: 'acme',
    plan: 'partner',
    today: 81_200,
    month: 901_000,
    limit_day: null,
    limit_month: 5_000_000,
  },
];

export const apis = [
  { service: 'orders', title: 'Orders', version: '2.1.0', operations: 4, problems: [], learned: 2 },
  {
    service: 'catalog',
    title: 'Catalog',
    version: '1.0.0',
    operations: 2,
    problems: ['GET /items answers 200 without a description'],
    learned: 0,
  },
];
const error = {
  description: 'It was refused.',
  content: { 'application/problem+json': { schema: { type: 'object' } } },
};
export const document = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '2.1.0', description: 'Takes orders and tells how they fare.' },
  servers: [{ url: 'http://localhost:4179' }],
  tags: [{ name: 'orders', description: 'What customers ordered.' }],
  paths: {
    '/v1/orders': {
      get: {
        tags: ['orders'],
        operationId: 'listOrders',
        summary: 'List orders',
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', maximum: 100, default: 20 } }],
        responses: {
          200: {
            description: 'The newest orders.',
            content: {
              'application/json': {
                schema: { type: 'array', items: { $ref: '#/components/schemas/Order' } },
              },
            },
          },
        },
      },
      post: {
        tags: ['orders'],
        operationId: 'createOrder',
        summary: 'Create an order',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } },
        },
        responses: { 201: { description: 'It is taken.' }, 422: error },
      },
    },
    '/v1/orders/{id}': {
      delete: {
        tags: ['orders'],
        operationId: 'cancelOrder',
        summary: 'Cancel an order',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { 204: { description: 'It is cancelled.' }, 404: error },
      },
    },
  },
  components: {
    schemas: {
      Order: {
        type: 'object',
        required: ['id', 'items'],
        properties: {
          id: { type: 'string', examples: ['ord_01'] },
          items: { type: 'array', items: { type: 'string' } },
          total: { type: 'number', description: 'In euros.' },
        },
      },
    },
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
  },
  security: [{ bearer: [] }],
};
export const changes = {
  from: '2.0.0',
  to: '2.1.0',
  breaking: 1,
  changes: [
    {
      severity: 'breaking',
      rule: 'request.property.required',
      operation: 'POST /v1/orders',
      place: 'request body / items',
      text: 'The property items became required.',
    },
    {
      severity: 'warning',
      rule: 'response.pattern.unknown',
      operation: 'GET /v1/orders',
      place: '200 / [] / id',
      text: 'The pattern changed; whether every old value fits is not known.',
    },
    {
      severity: 'info',
      rule: 'operation.added',
      operation: 'DELETE /v1/orders/{id}',
      place: '',
      text: 'It is new.',
    },
  ],
};
export const learned = {
  document: {
    openapi: '3.1.0',
    info: { title: 'orders, learned', version: '0' },
    paths: { '/v1/debug': {} },
  },
  endpoints: [
    {
      method: 'GET',
      path: '/v1/debug',
      count: 412,
      first: ago(3 * DAY),
      last: ago(4),
      statuses: { 200: 400, 500: 12 },
    },
    {
      method: 'PUT',
      path: '/v1/orders/{id}/note',
      count: 3,
      first: ago(600),
      last: ago(500),
      statuses: { 204: 3 },
    },
  ],
};

const column = (name: string, type: string) => ({ name, type });
export const audit = {
  columns: [
    column('time', 'timestamp'),
    ...['who', 'who_name', 'role', 'action', 'resource'].map((name) => column(name, 'string')),
    column('allowed', 'boolean'),
    ...['reason', 'policies', 'client'].map((name) => column(name, 'string')),
  ],
  rows: [
    [
      ago(1),
      'svc_1',
      'deployer',
      'developer',
      'table.erase',
      'Table::"events"',
      false,
      'A policy forbids it.',
      '["no-erasure-by-programs"]',
      '10.0.0.7',
    ],
    [
      ago(4),
      'acc_jo',
      'Jo Sample',
      'operator',
      'gateway.weights',
      'Upstream::"orders-v1"',
      true,
      'A policy permits it.',
      '["role-operator"]',
      '10.0.0.9',
    ],
    [
      ago(9),
      'acc_sam',
      'Sam Prova',
      'viewer',
      'person.invite',
      'Team::"payments"',
      false,
      'No policy permits it.',
      '[]',
      '10.0.0.3',
    ],
  ],
};
export const course = {
  columns: [
    column('at', 'timestamp'),
    ...['requests', 'good', '4xx', '5xx'].map((name) => column(name, 'integer')),
    column('p50_ms', 'float'),
    column('p99_ms', 'float'),
  ],
  rows: Array.from({ length: 40 }, (_, i) => [
    ago(40 - i),
    900 + ((i * 37) % 90),
    870 + ((i * 31) % 80),
    20 + ((i * 7) % 13),
    i === 22 ? 31 : i % 5,
    1.6 + ((i * 13) % 7) / 10,
    18 + ((i * 29) % 11),
  ]),
};
export const requests = {
  columns: [
    column('time', 'timestamp'),
    column('method', 'string'),
    column('path', 'string'),
    column('status', 'integer'),
    column('total_us', 'integer'),
    column('wait_us', 'integer'),
    ...['upstream', 'release', 'refusal', 'principal', 'key', 'client', 'trace_id'].map((name) =>
      column(name, 'string'),
    ),
  ],
  rows: [
    [
      ago(0.1),
      'GET',
      '/orders/{id}',
      200,
      1_730,
      85,
      'orders-v1',
      '1.8.2',
      null,
      'acc_jo',
      null,
      '10.0.0.7',
      'a1',
    ],
    [
      ago(0.2),
      'POST',
      '/orders',
      429,
      60,
      60,
      null,
      null,
      'TL-ADMISSION-001',
      'tok_b2',
      'tok_b2',
      '10.0.0.8',
      'a2',
    ],
    [
      ago(0.3),
      'GET',
      '/orders/{id}',
      404,
      2_010,
      70,
      'orders-v2',
      '2.0.0-rc1',
      null,
      null,
      null,
      '10.0.0.9',
      'a3',
    ],
    [
      ago(0.4),
      'POST',
      '/orders',
      502,
      30_100,
      90,
      'orders-v2',
      '2.0.0-rc1',
      null,
      'acc_li',
      null,
      '10.0.0.9',
      'a4',
    ],
  ],
};
