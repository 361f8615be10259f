import type { Page, Route } from '@playwright/test';
import * as catalogue from './catalogue';
import * as data from './fixtures';
import * as fleet from './fleet';

/** What a test wants answered otherwise: by method and path, a body or a function of the request. */
export type Answer = { status?: number; body?: unknown } | ((route: Route) => Promise<void> | void);
export type Answers = Record<string, Answer>;

const ok = (body: unknown): Answer => ({ body });

/** Answers of statements by a part of them; the first that fits counts. */
const ANSWERS: [string, { columns: object[]; rows: unknown[][] }][] = [
  ['FROM audit', data.audit],
  ['fleet.client.gone', fleet.signs],
  ['FROM messages', fleet.lastMessages],
  ['lag(status)', fleet.jobMoves],
  ['fleet.job.changed', fleet.jobMarks],
  ['FROM residuals', catalogue.residuals],
  ['FROM group_members', catalogue.direct],
  ['GROUP BY kind', catalogue.counts],
  ['FROM things', catalogue.pumps],
  ['FROM twins', catalogue.versions],
  ['date_bin', data.course],
];

function sqlAnswer(route: Route): Promise<void> {
  const { query } = route.request().postDataJSON() as { query: string };
  const found = ANSWERS.find(([part]) => query.includes(part))?.[1] ?? data.requests;
  return route.fulfill({
    json: {
      query_id: 'q',
      ...found,
      row_count: found.rows.length,
      truncated: false,
      elapsed_ms: 3,
      visible_offset: 1,
    },
  });
}

const DEFAULTS: Answers = {
  'GET /v1/session': ok(data.session()),
  'GET /v1/sign-in': ok({ password: true, passkey: true, issuers: [{ id: 'corp', name: 'Example Corp' }] }),
  'POST /v1/session/passkey/start': ok({
    challenge: 'chl_1',
    options: {
      publicKey: { challenge: 'AAECAwQFBgcICQoLDA0ODw', rpId: 'localhost', userVerification: 'required' },
    },
  }),
  'GET /v1/tables': ok({ tables: [] }),
  'GET /v1/queries': ok({ queries: [] }),
  'POST /v1/sql': sqlAnswer,
  'GET /v1/people': ok({ people: data.people }),
  'GET /v1/invitations': ok({ invitations: data.invitations }),
  'GET /v1/teams': ok({ teams: data.teams }),
  'GET /v1/service-accounts': ok({ accounts: data.serviceAccounts }),
  'GET /v1/me/sessions': ok({ sessions: data.sessions }),
  'GET /v1/me/passkeys': ok({ passkeys: data.passkeys }),
  'POST /v1/me/totp': ok(data.totp),
  'POST /v1/me/totp/confirm': ok({ recovery_codes: data.recoveryCodes }),
  'POST /v1/invitations/look': ok({
    email: 'ada@example.org',
    role: 'developer',
    teams: ['payments'],
    expires: data.ago(-600),
    invited_by: 'Mia Example',
  }),
  'GET /v1/policies': ok(data.policies),
  'POST /v1/access/check': ok(data.decision),
  'GET /v1/gateway': ok(data.gateway),
  'GET /v1/gateway/usage': ok({ keys: data.usage }),
  'GET /v1/system': ok(fleet.system),
  'GET /v1/bridges': ok({ bridges: fleet.bridges }),
  'GET /v1/things': ok({ things: fleet.things }),
  'GET /v1/thing-groups': ok({ groups: fleet.groups }),
  ...Object.fromEntries(
    Object.entries(fleet.members).map(([group, things]) => [
      `GET /v1/thing-groups/${group}/things`,
      ok({ things }),
    ]),
  ),
  ...Object.fromEntries(fleet.groups.map((group) => [`GET /v1/thing-groups/${group.name}`, ok(group)])),
  'GET /v1/thing-types': ok({ types: catalogue.types }),
  ...Object.fromEntries(catalogue.types.map((type) => [`GET /v1/thing-types/${type.name}`, ok(type)])),
  'GET /v1/artifacts': ok({ artifacts: catalogue.artifacts, next: null }),
  ...Object.fromEntries(
    catalogue.artifacts.map((one) => [
      `GET /v1/artifacts/${one.name}/${encodeURIComponent(one.version)}`,
      ok(one),
    ]),
  ),
  // A statement that asks a table that is gone.
  'GET /v1/thing-groups/hot/things': problem(422, 'TL-FLEET-019', 'The statement of hot cannot be asked'),
  'GET /v1/things/pump-1': ok(fleet.things[0]),
  'GET /v1/things/pump-1/relations': ok(fleet.relations),
  'GET /v1/things/pump-1/reach': ok(fleet.reach),
  'GET /v1/things/pump-1/commands': ok({ commands: fleet.commands, next: null }),
  ...Object.fromEntries(fleet.commands.map(({ id }) => [`GET /v1/commands/${id}`, ok(fleet.whole(id))])),
  'GET /v1/things/pump-1/twins': ok({ shadows: [''] }),
  'GET /v1/things/pump-1/twin': ok(catalogue.twin),
  'GET /v1/jobs': ok({ jobs: [fleet.job], next: null }),
  'GET /v1/jobs/ota-7': ok(fleet.job),
  'GET /v1/jobs/ota-7/executions': ok({ executions: [], next: null }),
  'GET /v1/apis': ok({ apis: data.apis }),
  'GET /v1/apis/orders/openapi.json': ok(data.document),
  'GET /v1/apis/orders/changes': ok(data.changes),
  'GET /v1/apis/orders/learned': ok(data.learned),
};

/** A refusal in the shape of RFC 9457. */
export function problem(status: number, code: string, title: string, detail = title): Answer {
  return {
    status,
    body: { type: `/errors/${code}`, title, status, detail, code, hint: 'Try it another way.' },
  };
}

/** Answers the API from fixtures; gives the list that fills with each request that is not of this origin. */
export async function mock(page: Page, answers: Answers = {}): Promise<string[]> {
  const outside: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!/^(http:\/\/localhost:|data:|blob:|about:)/.test(url)) outside.push(url);
  });
  await page.route(/\/readyz$/, (route) => route.fulfill({ json: {} }));
  await page.route(/\/v1\//, async (route) => {
    const request = route.request();
    const key = `${request.method()} ${new URL(request.url()).pathname}`;
    const found = answers[key] ?? DEFAULTS[key];
    if (typeof found === 'function') return found(route);
    if (!found)
      return route.fulfill({ status: 501, json: { title: `no fixture for ${key}`, code: 'TL-MOCK-000' } });
    if (found.body === undefined) return route.fulfill({ status: found.status ?? 204 });
    return route.fulfill({ status: found.status ?? 200, json: found.body });
  });
  return outside;
}
