import { expect, test } from '@playwright/test';
import { expectAccessible } from '../e2e/axe';
import { session } from './fixtures';
import { mock, problem } from './mock';
import { SIGNED_OUT } from './pages';

test('a password that needs a code asks for it, and goes on where it was wanted', async ({ page }) => {
  let signedIn = false;
  const sent: unknown[] = [];
  await mock(page, {
    'GET /v1/session': (route) =>
      signedIn
        ? route.fulfill({ json: session() })
        : route.fulfill({ status: 401, json: { title: 'Not signed in', code: 'TL-ACCESS-001' } }),
    'POST /v1/session': (route) => {
      const body = route.request().postDataJSON() as { code?: string };
      sent.push(body);
      if (!body.code)
        return route.fulfill({ status: 401, json: { title: 'A code is needed', code: 'TL-ACCESS-011' } });
      if (body.code !== '123456')
        return route.fulfill({ status: 401, json: { title: 'That is not right', code: 'TL-ACCESS-010' } });
      signedIn = true;
      return route.fulfill({ json: session() });
    },
  });
  await page.goto('/people?tab=teams');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel('Email').fill('mia@example.org');
  await page.getByLabel('Password', { exact: true }).fill('a long and good one');
  await page.keyboard.press('Enter');
  const code = page.getByLabel('Code');
  await code.fill('000 000');
  await expectAccessible(page);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('TL-ACCESS-010');
  await code.fill('123 456');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/people\?tab=teams$/);
  expect(sent.at(-1)).toEqual({ email: 'mia@example.org', password: 'a long and good one', code: '123456' });
});

test('another issuer gets the way back, and nothing leaves this origin', async ({ page }) => {
  await mock(page, SIGNED_OUT);
  await page.goto(`/sign-in?next=${encodeURIComponent('/live?table=logs')}`);
  await expect(page.getByRole('link', { name: 'Continue with Example Corp' })).toHaveAttribute(
    'href',
    '/v1/session/oidc/corp?next=%2Flive%3Ftable%3Dlogs',
  );
  await page.goto(`/sign-in?next=${encodeURIComponent('//evil.example/')}`);
  await expect(page.getByRole('link', { name: 'Continue with Example Corp' })).toHaveAttribute(
    'href',
    '/v1/session/oidc/corp?next=%2Fexplore',
  );
});

test('a forgotten password says the same for everybody', async ({ page }) => {
  await mock(page, { ...SIGNED_OUT, 'POST /v1/password/forgot': { status: 202, body: {} } });
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Forgot the password?' }).click();
  await page.getByLabel('Email').fill('nobody@example.org');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'is on its way' })).toContainText(
    'nobody@example.org',
  );
});

test('a token still signs in, by keyboard', async ({ page }) => {
  let body: unknown;
  await mock(page, {
    ...SIGNED_OUT,
    'POST /v1/session': (route) => {
      body = route.request().postDataJSON();
      return route.fulfill({ json: session() });
    },
  });
  await page.goto('/sign-in?next=/tables');
  await page.getByText('Use an API token or a sign-in link').focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('API token or sign-in link').focus();
  await page.keyboard.type('tl_abc');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/tables$/);
  expect(body).toEqual({ token: 'tl_abc' });
});

test('an invitation is accepted with a password, and its code leaves the address', async ({ page }) => {
  let body: unknown;
  await mock(page, {
    'POST /v1/invitations/accept': (route) => {
      body = route.request().postDataJSON();
      return route.fulfill({ json: session('developer') });
    },
  });
  await page.goto('/join#invitation=abc');
  await page.getByLabel('Name').fill('Ada');
  expect(new URL(page.url()).hash).toBe('');
  await page.getByLabel('Password', { exact: true }).fill('river coat lamp seven');
  await expect(page.getByText('Strong.')).toBeVisible();
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page).toHaveURL(/\/explore$/);
  expect(body).toEqual({
    code: 'abc',
    name: 'Ada',
    email: 'ada@example.org',
    password: 'river coat lamp seven',
  });
});

test('a used invitation and a used reset link say so', async ({ page }) => {
  await mock(page, {
    ...SIGNED_OUT,
    'POST /v1/invitations/look': problem(404, 'TL-ACCESS-013', 'The invitation is used or over'),
    'POST /v1/password/reset': problem(400, 'TL-ACCESS-014', 'The code is used or over'),
  });
  await page.goto('/join#invitation=old');
  await expect(page.getByRole('alert')).toContainText('TL-ACCESS-013');
  await expectAccessible(page);
  await page.goto('/reset#code=old');
  await page.getByLabel('New password', { exact: true }).fill('river coat lamp seven');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('TL-ACCESS-014');
});
