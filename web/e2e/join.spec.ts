import { expect, test } from '@playwright/test';
import { addAuthenticator } from './authenticator';
import { unique } from './pages';

test('somebody is invited, joins with a passkey, and is refused what the role does not allow', async ({
  page,
  browser,
  baseURL,
}) => {
  const name = unique('Ada');
  await page.goto('/people?tab=invitations&create=invitation');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Role').selectOption('viewer');
  await dialog.getByRole('button', { name: 'Make the invitation' }).click();
  const link = (await dialog.getByRole('region', { name: 'invitation link' }).textContent())?.trim() ?? '';
  const path = link.replace(/^https?:\/\/[^/]+/, '');
  expect(path).toMatch(/^\/join#invitation=/);

  // A browser of its own, at `localhost`, where passkeys work.
  const context = await browser.newContext({
    baseURL: (baseURL ?? '').replace('127.0.0.1', 'localhost'),
    storageState: { cookies: [], origins: [] },
  });
  const guest = await context.newPage();
  await addAuthenticator(guest);
  await guest.goto(path);
  await guest.getByLabel('Name').fill(name);
  await guest.getByLabel('Email').fill(`${name.toLowerCase()}@example.org`);
  await guest.getByText('A passkey of this device').click();
  await guest.getByRole('button', { name: 'Join' }).click();
  await expect(guest.getByRole('heading', { level: 1, name: 'Explore' })).toBeVisible();
  expect(guest.url()).not.toContain('invitation');

  // The invitation let one person in; the passkey alone lets them in again.
  const used = await context.request.post('/v1/invitations/look', { data: { code: path.split('=')[1] } });
  expect(used.ok()).toBe(false);
  // First from the field of the email, which this authenticator accepts at once; then with the button, in a browser without that offer.
  for (const offered of [true, false]) {
    await context.clearCookies();
    if (!offered) {
      await guest.addInitScript(() => {
        PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
      });
    }
    await guest.goto('/sign-in?next=%2Faccount');
    if (!offered) await guest.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await expect(guest.getByRole('heading', { level: 1, name: 'Account' })).toBeVisible();
  }
  await expect(guest.getByRole('button', { name: 'Remove First passkey' })).toBeVisible();

  // What a viewer may not do is refused, wherever it is tried.
  await expect(guest.getByRole('link', { name: 'Audit', exact: true })).toHaveCount(0);
  const refused = await guest.evaluate(async () => {
    const answer = await fetch('/v1/invitations', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ role: 'owner' }),
    });
    return [answer.status, ((await answer.json()) as { code: string }).code];
  });
  expect(refused).toEqual([403, 'TL-ACCESS-003']);

  // The owner sees it in the audit, and in SQL.
  await page.goto(`/audit?${new URLSearchParams({ who: name, allowed: 'no' })}`);
  const entry = page.getByRole('row').filter({ hasText: 'invitation.change' });
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(entry).toContainText('Refused', { timeout: 500 });
  }).toPass();
  await expect(entry).toContainText('viewer');
  const query = `SELECT action, allowed, role FROM audit WHERE who_name = '${name}' AND NOT allowed`;
  await page.goto(`/explore?${new URLSearchParams({ q: query })}`);
  await expect(page.getByRole('region', { name: 'Result rows' })).toContainText('invitation.change');
  await context.close();
});
