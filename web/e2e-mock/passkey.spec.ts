import { expect, test } from '@playwright/test';
import { addAuthenticator } from '../e2e/authenticator';
import { session } from './fixtures';
import { mock } from './mock';

const CHALLENGE = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
type Sent = {
  challenge: string;
  name?: string;
  credential: { id: string; response: Record<string, string> };
};
const clientData = (sent: Sent) =>
  JSON.parse(Buffer.from(sent.credential.response.clientDataJSON!, 'base64url').toString()) as {
    type: string;
    challenge: string;
    origin: string;
  };

test('a passkey is made under Account and signs in afterwards', async ({ page, baseURL }) => {
  let signedIn = true;
  let made: Sent | undefined;
  let signed: Sent | undefined;
  await mock(page, {
    'GET /v1/session': (route) =>
      signedIn
        ? route.fulfill({ json: session() })
        : route.fulfill({ status: 401, json: { title: 'Not signed in', code: 'TL-ACCESS-001' } }),
    // Without the offer in the field, the button alone is tried.
    'POST /v1/me/passkeys/start': {
      body: {
        challenge: 'chl_make',
        options: {
          publicKey: {
            challenge: CHALLENGE,
            rp: { name: 'Trunkline', id: 'localhost' },
            user: { id: 'YWNjX21pYQ', name: 'mia@example.org', displayName: 'Mia Example' },
            pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
            authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
            excludeCredentials: [],
          },
        },
      },
    },
    'POST /v1/me/passkeys/finish': (route) => {
      made = route.request().postDataJSON() as Sent;
      return route.fulfill({
        status: 201,
        json: { id: 'pky_2', name: made.name, created: new Date().toISOString(), last_used: null },
      });
    },
    'POST /v1/session/passkey/start': {
      body: {
        challenge: 'chl_use',
        options: { publicKey: { challenge: CHALLENGE, rpId: 'localhost', userVerification: 'required' } },
      },
    },
    'POST /v1/session/passkey/finish': (route) => {
      signed = route.request().postDataJSON() as Sent;
      signedIn = true;
      return route.fulfill({ json: session() });
    },
    'DELETE /v1/session': (route) => {
      signedIn = false;
      return route.fulfill({ status: 204 });
    },
  });
  await addAuthenticator(page);

  await page.goto('/account');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Test device');
  await page.keyboard.press('Enter');
  await expect(page.getByText('The passkey Test device is yours.')).toBeVisible();
  expect(made).toMatchObject({ challenge: 'chl_make', name: 'Test device' });
  expect(clientData(made!)).toMatchObject({ type: 'webauthn.create', challenge: CHALLENGE, origin: baseURL });
  expect(made!.credential.response.attestationObject).toMatch(/^[\w-]+$/);

  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  // The browser may use the passkey by itself through the offer in the field; else the button does.
  const button = page.getByRole('button', { name: 'Sign in with a passkey' });
  await Promise.race([
    page.waitForURL(/\/explore$/),
    button.click({ timeout: 4_000 }).catch(() => undefined),
  ]);
  await expect(page).toHaveURL(/\/explore$/);
  expect(signed).toMatchObject({ challenge: 'chl_use', credential: { id: made!.credential.id } });
  expect(clientData(signed!)).toMatchObject({ type: 'webauthn.get', challenge: CHALLENGE, origin: baseURL });
  expect(Buffer.from(signed!.credential.response.userHandle!, 'base64url').toString()).toBe('acc_mia');
});

test('a cancelled passkey is explained', async ({ page }) => {
  await mock(page);
  await page.addInitScript(() => {
    navigator.credentials.create = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await page.route(/passkeys\/start$/, (route) =>
    route.fulfill({
      json: {
        challenge: 'c',
        options: {
          publicKey: {
            challenge: CHALLENGE,
            rp: { name: 'T', id: 'localhost' },
            user: { id: 'YQ', name: 'a', displayName: 'a' },
            pubKeyCredParams: [],
          },
        },
      },
    }),
  );
  await page.goto('/account');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('alert')).toContainText('cancelled, or it took too long');
});
