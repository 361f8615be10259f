import type { APIRequestContext, Page } from '@playwright/test';

export const QUERY = `SELECT date_trunc('minute', time) AS minute, type, count(*) AS events
FROM events
GROUP BY minute, type
ORDER BY minute`;

/** Every route with what must be on it before it counts as shown. */
export const PAGES: { name: string; path: string; shown: (page: Page) => Promise<void> }[] = [
  { name: 'explore', path: '/explore', shown: (page) => page.getByText('Ask everything in SQL').waitFor() },
  {
    name: 'explore-result',
    path: `/explore?${new URLSearchParams({ q: QUERY })}`,
    shown: (page) => page.getByRole('heading', { name: 'Result' }).waitFor(),
  },
  {
    name: 'explore-error',
    path: '/explore?q=SELECT+nothing+FROM+events',
    shown: (page) => page.getByRole('alert').first().waitFor(),
  },
  { name: 'live', path: '/live', shown: (page) => page.locator('[data-status="live"]').waitFor() },
  {
    name: 'tables',
    path: '/tables',
    shown: (page) => page.getByRole('link', { name: 'events', exact: true }).waitFor(),
  },
  {
    name: 'table',
    path: '/tables/events',
    shown: (page) => page.getByRole('heading', { name: 'Columns' }).waitFor(),
  },
  {
    name: 'table-view',
    path: '/tables/lead_time',
    shown: (page) => page.getByRole('heading', { name: 'Statement' }).waitFor(),
  },
  {
    name: 'table-missing',
    path: '/tables/no_such_table',
    shown: (page) => page.getByRole('alert').first().waitFor(),
  },
  {
    name: 'system',
    path: '/system',
    shown: (page) => page.getByRole('img', { name: /^Throughput/ }).waitFor(),
  },
  {
    name: 'tokens',
    path: '/tokens',
    shown: (page) => page.getByRole('button', { name: 'Create token' }).first().waitFor(),
  },
  {
    name: 'token-dialog',
    path: '/tokens?create=token',
    shown: (page) => page.getByRole('dialog', { name: 'Create an API token' }).waitFor(),
  },
  ...(
    [
      ['account', '/account', 'Account'],
      ['people', '/people', 'People'],
      ['invitations', '/people?tab=invitations', 'People'],
      ['teams', '/people?tab=teams', 'People'],
      ['service-accounts', '/people?tab=services', 'People'],
      ['policies', '/policies', 'Policies'],
      ['policy-check', '/policies?tab=check', 'Policies'],
      ['audit', '/audit', 'Audit'],
      ['gateway', '/gateway', 'Gateway'],
      ['gateway-upstreams', '/gateway?tab=upstreams', 'Gateway'],
      ['gateway-plans', '/gateway?tab=plans', 'Gateway'],
      ['devices', '/devices', 'Devices'],
      ['groups', '/groups', 'Groups'],
      ['types', '/types', 'Types'],
      ['jobs', '/jobs', 'Jobs'],
      ['artifacts', '/artifacts', 'Artifacts'],
      ['bridges', '/bridges', 'Bridges'],
      ['repositories', '/repositories', 'Repositories'],
      ['changes', '/changes', 'Changes'],
      ['runs', '/runs', 'Runs'],
      ['delivery', '/delivery', 'Delivery'],
      ['services', '/services', 'Services'],
      ['apis', '/portal', 'APIs'],
      ['api-compare', '/portal?tab=compare', 'APIs'],
    ] as const
  ).map(([name, path, title]) => ({
    name,
    path,
    // The page's parts are there when nothing says any more that it loads.
    shown: async (page: Page) => {
      await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
      await page
        .getByText(/^Loading /)
        .first()
        .waitFor({ state: 'detached' });
    },
  })),
  {
    name: 'device-dialog',
    path: '/devices?create=device',
    shown: (page) => page.getByRole('dialog', { name: 'Create a device' }).waitFor(),
  },
  {
    name: 'group-dialog',
    path: '/groups?create=group',
    shown: (page) => page.getByRole('dialog', { name: 'Create a group' }).waitFor(),
  },
  {
    name: 'group-missing',
    path: '/groups/no-such-group',
    shown: (page) => page.getByRole('alert').first().waitFor(),
  },
  {
    name: 'type-dialog',
    path: '/types?create=type',
    shown: (page) => page.getByRole('dialog', { name: 'Create a type' }).waitFor(),
  },
  {
    name: 'type-missing',
    path: '/types/no-such-type',
    shown: (page) => page.getByRole('alert').first().waitFor(),
  },
  {
    name: 'artifact-dialog',
    path: '/artifacts?create=artifact',
    shown: (page) => page.getByRole('dialog', { name: 'Upload an artifact' }).waitFor(),
  },
  {
    name: 'artifact-missing',
    path: '/artifacts/no-such@1.0.0/about',
    shown: (page) => page.getByRole('alert').first().waitFor(),
  },
  {
    name: 'job-dialog',
    path: '/jobs?create=job',
    shown: (page) => page.getByRole('dialog', { name: 'Create a job' }).waitFor(),
  },
  {
    name: 'job-missing',
    path: '/jobs/no-such-job',
    shown: (page) => page.getByRole('alert').first().waitFor(),
  },
  {
    name: 'repository-dialog',
    path: '/repositories?create=repository',
    shown: (page) => page.getByRole('dialog', { name: 'Create a repository' }).waitFor(),
  },
  {
    name: 'repository-missing',
    path: '/repositories/no-such-repository',
    shown: (page) => page.getByRole('alert').first().waitFor(),
  },
  {
    name: 'change-missing',
    path: '/changes/999999',
    shown: (page) => page.getByRole('alert').first().waitFor(),
  },
  {
    name: 'run-missing',
    path: '/runs/no-such-run',
    shown: (page) => page.getByRole('alert').first().waitFor(),
  },
  {
    name: 'device-missing',
    path: '/devices/no-such-device',
    shown: (page) => page.getByRole('alert').first().waitFor(),
  },
  {
    name: 'error-code',
    path: '/errors/TL-ACCESS-001',
    shown: (page) => page.getByText('trunkline explain TL-ACCESS-001').waitFor(),
  },
  {
    name: 'not-found',
    path: '/no/such/page',
    shown: (page) => page.getByText('There is no page here').waitFor(),
  },
];

/** What there is to see only while the sample runs. */
export const SAMPLE_PAGES: typeof PAGES = [
  {
    name: 'gateway-route',
    path: '/gateway/routes/sample-orders',
    shown: (page) => page.getByRole('heading', { level: 1, name: 'sample-orders' }).waitFor(),
  },
  {
    name: 'api-reference',
    path: '/portal/sample-shop',
    shown: (page) => page.getByText('Places an order').first().waitFor(),
  },
  {
    name: 'api-learned',
    path: '/portal/sample-shop?tab=learned',
    shown: (page) => page.getByText('/coupons').first().waitFor(),
  },
];

/** Sends one event with a text by which it is found again. */
export async function sendEvent(request: APIRequestContext, id: string, text: string): Promise<void> {
  const response = await request.post('/v1/events', {
    headers: {
      authorization: `Bearer ${process.env.TRUNKLINE_TOKEN}`,
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': '/e2e',
      'ce-type': 'test.console.note',
    },
    data: { text },
  });
  if (!response.ok()) throw new Error(`the event was refused: ${await response.text()}`);
}

/** A text that no other run uses. */
export function unique(name: string): string {
  return `${name}-${Date.now().toString(36)}`;
}
