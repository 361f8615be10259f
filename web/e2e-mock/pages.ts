import type { Page } from '@playwright/test';

const heading = (name: string) => (page: Page) =>
  page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
const heading2 = (name: string) => (page: Page) => page.getByRole('heading', { level: 2, name }).waitFor();
const cell = (text: string) => (page: Page) => page.getByText(text).first().waitFor();
const dialog = (name: string) => (page: Page) => page.getByRole('dialog', { name }).waitFor();

/** Every new page with what must be on it before it counts as shown. */
export const PAGES: {
  name: string;
  path: string;
  shown: (page: Page) => Promise<void>;
  signedOut?: boolean;
}[] = [
  { name: 'sign-in', path: '/sign-in', shown: cell('Continue with Example Corp'), signedOut: true },
  {
    name: 'sign-in-problem',
    path: '/sign-in?problem=TL-ACCESS-020',
    shown: cell('The other sign-in'),
    signedOut: true,
  },
  { name: 'join', path: '/join#invitation=abc', shown: cell('invites you as'), signedOut: true },
  { name: 'reset', path: '/reset#code=abc', shown: heading('Set a new password'), signedOut: true },
  { name: 'account', path: '/account', shown: cell('Safari 18 on iOS') },
  { name: 'people', path: '/people', shown: cell('Li Muster') },
  { name: 'person', path: '/people/acc_jo', shown: heading('Jo Sample') },
  { name: 'invitations', path: '/people?tab=invitations', shown: cell('ada@example.org') },
  {
    name: 'invite-dialog',
    path: '/people?tab=invitations&create=invitation',
    shown: dialog('Invite somebody'),
  },
  { name: 'teams', path: '/people?tab=teams', shown: cell('2 members') },
  { name: 'service-accounts', path: '/people?tab=services', shown: cell('deployer') },
  { name: 'policies', path: '/policies', shown: cell('no-erasure-by-programs') },
  { name: 'policy-actions', path: '/policies?tab=actions', shown: cell('Ship a service.') },
  {
    name: 'policy-check',
    path: `/policies?${new URLSearchParams({ tab: 'check', as: 'deployer', action: 'table.erase', resource: 'Table::"events"' })}`,
    shown: cell('A policy forbids it.'),
  },
  { name: 'audit', path: '/audit', shown: cell('table.erase') },
  { name: 'gateway', path: '/gateway', shown: cell('1,204,333') },
  { name: 'gateway-upstreams', path: '/gateway?tab=upstreams', shown: cell('Breaker open') },
  { name: 'gateway-plans', path: '/gateway?tab=plans', shown: cell('crawler') },
  {
    name: 'gateway-route',
    path: '/gateway/routes/orders',
    shown: async (page) => {
      await page.getByText('TL-ADMISSION-001').waitFor();
      await page.getByRole('img', { name: /^Latency/ }).waitFor();
    },
  },
  {
    name: 'gateway-route-missing',
    path: '/gateway/routes/none',
    shown: (page) => page.getByRole('alert').first().waitFor(),
  },
  { name: 'bridges', path: '/bridges', shown: cell('Not connected') },
  { name: 'bridges-troubled', path: '/bridges?show=troubled', shown: cell('a filter may not be empty') },
  {
    name: 'group-map',
    path: '/devices?view=map',
    shown: (page) => page.getByRole('img', { name: /^cellar: / }).waitFor(),
  },
  { name: 'group', path: '/devices?group=roof', shown: cell('1 device') },
  { name: 'group-broken', path: '/devices?group=hot', shown: cell('TL-FLEET-019') },
  { name: 'device-commands', path: '/devices/pump-1?tab=commands', shown: cell('the sensor is stuck') },
  {
    name: 'device-command',
    path: '/devices/pump-1?tab=commands&command=cmd_3',
    shown: (page) => page.getByRole('region', { name: 'answer' }).waitFor(),
  },
  { name: 'device-relations', path: '/devices/pump-1?tab=relations', shown: cell('over at most 2 steps') },
  {
    name: 'job-course',
    path: '/jobs/ota-7',
    shown: (page) => page.getByRole('img', { name: /^Executions of ota-7/ }).waitFor(),
  },
  { name: 'types', path: '/types', shown: cell('Kinds without a type') },
  { name: 'type', path: '/types/pump', shown: cell('pump-9') },
  { name: 'type-dialog', path: '/types?create=type', shown: dialog('Create a type') },
  { name: 'groups', path: '/groups', shown: cell('TL-FLEET-019') },
  { name: 'group-list', path: '/groups/plant', shown: cell('by a part of it') },
  { name: 'group-statement', path: '/groups/hot', shown: cell('TL-FLEET-019') },
  { name: 'group-dialog', path: '/groups?create=group', shown: dialog('Create a group') },
  { name: 'artifacts', path: '/artifacts', shown: cell('1.4.1-rc.1+7') },
  {
    name: 'artifact',
    path: '/artifacts/pump-firmware@1.4.1-rc.1%2B7/about',
    shown: cell('${trunkline:artifact:pump-firmware@1.4.1-rc.1+7}'),
  },
  { name: 'artifact-dialog', path: '/artifacts?create=artifact', shown: dialog('Upload an artifact') },
  { name: 'device-residuals', path: '/devices/pump-1', shown: heading2('As it should be') },
  { name: 'job-dialog', path: '/jobs?create=job', shown: dialog('Create a job') },
  { name: 'apis', path: '/portal', shown: cell('1 problem') },
  {
    name: 'api-compare',
    path: '/portal?tab=compare',
    shown: (page) => page.getByLabel('New document', { exact: true }).waitFor(),
  },
  { name: 'api-changes', path: '/portal/orders?tab=changes', shown: cell('1 breaking change') },
  { name: 'api-learned', path: '/portal/orders?tab=learned', shown: cell('/v1/orders/{id}/note') },
  { name: 'api-reference', path: '/portal/orders', shown: cell('Takes orders and tells how they fare.') },
];

/** The answer of a server to somebody who is not signed in. */
export const SIGNED_OUT = {
  'GET /v1/session': {
    status: 401,
    body: { title: 'Not signed in', code: 'TL-ACCESS-001', detail: 'No session.' },
  },
};
