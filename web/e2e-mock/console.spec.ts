import { expect, test } from '@playwright/test';
import { expectAccessible } from '../e2e/axe';
import { session } from './fixtures';
import { mock } from './mock';

test('the second factor is set up and its recovery codes are shown once', async ({ page }) => {
  await mock(page, { 'GET /v1/people': { body: { people: [] } } });
  await page.goto('/account');
  await page.getByRole('button', { name: 'Set up' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('img', { name: 'QR code of the secret' })).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel('Code that the app shows now').fill('123456');
  await page.keyboard.press('Enter');
  const codes = page.getByRole('dialog', { name: 'Your recovery codes' });
  await expect(codes.getByRole('listitem')).toHaveCount(10);
  await expectAccessible(page);
  const download = page.waitForEvent('download');
  await codes.getByRole('button', { name: 'Download' }).click();
  expect((await download).suggestedFilename()).toBe('trunkline-recovery-codes.txt');
  await codes.getByRole('button', { name: 'I have kept them' }).click();
  await expect(codes).toBeHidden();
});

test('an invitation link is shown once', async ({ page }) => {
  let body: unknown;
  await mock(page, {
    'POST /v1/invitations': (route) => {
      body = route.request().postDataJSON();
      return route.fulfill({
        status: 201,
        json: {
          id: 'inv_9',
          url: 'http://localhost/join#invitation=once',
          expires: new Date(Date.now() + 3e8).toISOString(),
          mailed: false,
        },
      });
    },
  });
  await page.goto('/people');
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  await expect(page).toHaveURL(/create=invitation/);
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Role').selectOption('viewer');
  await dialog.getByLabel('edge').check();
  await dialog.getByRole('button', { name: 'Make the invitation' }).click();
  await expect(dialog.getByRole('region', { name: 'invitation link' })).toContainText('#invitation=once');
  expect(body).toEqual({ role: 'viewer', teams: ['edge'] });
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('#invitation=once')).toHaveCount(0);
  await expect(page).toHaveURL(/\/people\?tab=invitations$/);
});

test('disabling names what is lost', async ({ page }) => {
  let body: unknown;
  await mock(page, {
    'PATCH /v1/people/acc_jo': (route) => {
      body = route.request().postDataJSON();
      return route.fulfill({ json: {} });
    },
  });
  await page.goto('/people/acc_jo');
  await page.getByRole('button', { name: 'Disable', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Disable Jo Sample?' });
  await expect(dialog).toContainText('All sessions of Jo Sample end');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Disable', exact: true }).click();
  await expect(dialog).toBeHidden();
  expect(body).toEqual({ disabled: true });
});

test('a viewer sees, and is offered nothing to change', async ({ page }) => {
  await mock(page, { 'GET /v1/session': { body: session('viewer') } });
  await page.goto('/people');
  await page.getByText('Li Muster').waitFor();
  await expect(page.getByRole('button', { name: 'Invite somebody' })).toHaveCount(0);
  await expect(
    page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit' }),
  ).toHaveCount(0);
  await page.goto('/gateway?tab=upstreams');
  await page.getByText('Breaker open').waitFor();
  await expect(page.getByRole('slider')).toHaveCount(0);
});

test('weights are moved by keyboard, and nought asks first', async ({ page }) => {
  const sent: unknown[] = [];
  await mock(page, {
    'PUT /v1/gateway/routes/orders/split': (route) => {
      sent.push(route.request().postDataJSON());
      return route.fulfill({ status: 204 });
    },
  });
  await page.goto('/gateway/routes/orders');
  const slider = page.getByRole('slider', { name: 'Weight of orders-v2' });
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('spinbutton', { name: /orders-v2/ })).toHaveValue('11');
  await page.getByRole('button', { name: /^Apply/ }).click();
  await expect(page.getByText('The requests of orders are divided anew.')).toBeVisible();
  await page.getByRole('spinbutton', { name: /orders-v2/ }).fill('0');
  await page.getByRole('button', { name: /^Apply/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Stop sending requests there?' });
  await expect(dialog).toContainText('orders-v2');
  await dialog.getByRole('button', { name: 'Apply the weights' }).click();
  await expect(dialog).toBeHidden();
  expect(sent).toEqual([
    { 'orders-v1': 90, 'orders-v2': 11 },
    { 'orders-v1': 90, 'orders-v2': 0 },
  ]);
});

test('a checked question has an address, and leads to the policy', async ({ page }) => {
  await mock(page);
  await page.goto('/policies?tab=check');
  await page.getByLabel('Who').fill('deployer');
  await page.getByLabel('Action').fill('table.erase');
  await page.getByLabel('Resource').fill('Table::"events"');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Refused')).toBeVisible();
  await expect(page).toHaveURL(/as=deployer&action=table.erase&resource=/);
  await page.reload();
  await expect(page.getByText('A policy forbids it.')).toBeVisible();
  await page.getByRole('link', { name: 'no-erasure-by-programs' }).click();
  await expect(page).toHaveURL(/\/policies#policy-no-erasure-by-programs$/);
  await expect(page.getByRole('heading', { name: 'no-erasure-by-programs' })).toBeInViewport();
});

test('the audit filters by address, explains, and opens as SQL', async ({ page }) => {
  const queries: string[] = [];
  await mock(page);
  page.on('request', (request) => {
    if (request.url().endsWith('/v1/sql') && request.method() === 'POST')
      queries.push((request.postDataJSON() as { query: string }).query);
  });
  await page.goto('/audit');
  await page.getByRole('button', { name: 'Refused' }).click();
  await expect(page).toHaveURL(/allowed=no/);
  await expect.poll(() => queries.at(-1)).toContain('NOT allowed');
  await page.getByRole('button', { name: 'Why deployer table.erase' }).click();
  const drawer = page.getByRole('dialog');
  await expect(drawer.getByRole('link', { name: 'no-erasure-by-programs' })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('link', { name: 'Open in Explore' })).toHaveAttribute('href', /NOT\+allowed/);
});

test('an operation is tried from the reference, and nothing else leaves', async ({ page }) => {
  const outside = await mock(page, { 'GET /v1/orders': { body: [{ id: 'ord_77', items: [] }] } });
  await page.goto('/portal/orders');
  // Operations are drawn when they come into view.
  await page.getByRole('link', { name: 'List orders HTTP Method: GET' }).click();
  const attempt = page.getByRole('button', { name: /^Test Request/ }).first();
  await attempt.waitFor();
  await expectAccessible(page);
  await attempt.click();
  await page.getByRole('button', { name: /^Send/ }).first().click();
  await expect(page.getByText('ord_77').first()).toBeVisible();
  expect(outside).toEqual([]);
});

test('two documents are compared', async ({ page }) => {
  await mock(page, {
    'POST /v1/apis/diff': {
      body: {
        breaking: 1,
        changes: [
          {
            severity: 'breaking',
            rule: 'operation.removed',
            operation: 'GET /x',
            place: '',
            text: 'It is gone.',
          },
        ],
      },
    },
  });
  await page.goto('/portal?tab=compare');
  await page.getByLabel('Old document', { exact: true }).fill('openapi: 3.1.0');
  await page.getByLabel('New document', { exact: true }).fill('openapi: 3.1.0');
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByText('1 breaking change')).toBeVisible();
});
