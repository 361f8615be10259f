import { expect, test } from '@playwright/test';
import { unique } from './pages';

test('a token is created, shown once, works, and is revoked', async ({ page, playwright, baseURL }) => {
  const name = unique('e2e');
  await page.goto('/tokens?create=token');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  const token = (await dialog.getByRole('region', { name: 'token' }).textContent())?.trim() ?? '';
  expect(token).toMatch(/^tl_/);
  const client = await playwright.request.newContext({
    baseURL,
    extraHTTPHeaders: { authorization: `Bearer ${token}` },
  });
  expect((await client.get('/v1/session')).status()).toBe(200);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText(token)).toHaveCount(0);

  await page.getByRole('button', { name: `Revoke ${name}` }).click();
  await page.getByRole('button', { name: 'Revoke the token' }).click();
  await expect(page.getByRole('button', { name: `Revoke ${name}` })).toHaveCount(0);
  await expect.poll(async () => (await client.get('/v1/session')).status(), { timeout: 5_000 }).toBe(401);
  await client.dispose();
});

test('a sign-in link signs in another browser once', async ({ page, browser }) => {
  await page.goto('/tokens?create=link');
  await page.getByRole('button', { name: 'Make the link' }).click();
  const link = (await page.getByRole('region', { name: 'sign-in link' }).textContent())?.trim() ?? '';
  const path = link.replace(/^https?:\/\/[^/]+/, '');
  const other = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  const guest = await other.newPage();
  await guest.goto(path);
  await expect(guest.getByRole('heading', { level: 1, name: 'Explore' })).toBeVisible();
  expect(guest.url()).not.toContain('link=');
  await other.clearCookies();
  await guest.goto('about:blank');
  await guest.goto(path);
  await expect(guest.getByRole('alert')).toContainText(/TL-ACCESS-\d+/);
  await other.close();
});
