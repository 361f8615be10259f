import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { expectAccessible } from './axe';
import { brokerOf, makeDevice } from './fleet';
import { unique } from './pages';

const folderFor = (name: string) => mkdtempSync(join(tmpdir(), `${name}-`));

/** Saves what a button of the dialog offers, and gives its text. */
async function download(page: Page, dialog: Locator, folder: string, file: string): Promise<string> {
  const coming = page.waitForEvent('download');
  await dialog.getByRole('button', { name: `Download ${file}` }).click();
  const saved = await coming;
  expect(saved.suggestedFilename()).toBe(file);
  await saved.saveAs(join(folder, file));
  return readFileSync(join(folder, file), 'utf8');
}

test('a certificate is made, its key is shown once, and it is switched off, on and revoked', async ({
  page,
  request,
}) => {
  const name = unique('drill');
  await makeDevice(request, name);
  await page.goto(`/devices/${name}?tab=certificates`);
  await expect(page.getByRole('heading', { name: 'No certificate yet' })).toBeVisible();
  await page.getByRole('button', { name: 'Create certificate' }).click();
  await expectAccessible(page);
  await page.getByRole('dialog').getByLabel('Days').fill('20');
  await page.getByRole('dialog').getByRole('button', { name: 'Create the certificate' }).click();

  const dialog = page.getByRole('dialog', { name: `The new certificate of ${name}` });
  const key = (await dialog.getByRole('region', { name: 'private key' }).textContent())?.trim() ?? '';
  expect(key).toMatch(/^-----BEGIN .*PRIVATE KEY-----/);
  const folder = folderFor(name);
  expect(await download(page, dialog, folder, 'root.pem')).toMatch(/^-----BEGIN CERTIFICATE-----/);
  const chain = await download(page, dialog, folder, 'device.pem');
  expect(chain.match(/^-----BEGIN CERTIFICATE-----$/gm)?.length).toBeGreaterThan(1);
  expect((await download(page, dialog, folder, 'device.key')).trim()).toBe(key);
  await expectAccessible(page);

  // A server may have no listener for TLS; the page says so then.
  const listens = (await brokerOf(request, 'mqtt_tls')).port !== '';
  const command = listens
    ? ((await dialog.getByRole('region', { name: 'command line' }).textContent()) ?? '')
    : '';
  if (!listens) await expect(dialog).toContainText('does not listen for TLS');
  const speak = () => execFileSync('sh', ['-c', command], { cwd: folder, stdio: 'ignore', timeout: 20_000 });
  if (listens) speak();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText(key.split('\n')[1] ?? key)).toHaveCount(0);

  const row = page.getByRole('region', { name: 'Certificates' }).getByRole('row').nth(1);
  await expect(row).toContainText('Active');
  await expect(row).toContainText('Ends within 30 days');
  await row.getByRole('button', { name: /^Switch off/ }).click();
  await expect(row.getByText('Off', { exact: true })).toBeVisible();
  if (listens) expect(speak).toThrow();
  await row.getByRole('button', { name: /^Switch on/ }).click();
  await expect(row.getByText('Active', { exact: true })).toBeVisible();
  if (listens) speak();

  await row.getByRole('button', { name: /^Revoke/ }).click();
  const confirm = page.getByRole('dialog', { name: /^Revoke the certificate/ });
  await expectAccessible(page);
  await confirm.getByRole('button', { name: 'Revoke for good' }).click();
  await expect(row.getByText('Revoked', { exact: true })).toBeVisible();
  await expect(row.getByRole('button', { name: /^Switch/ })).toHaveCount(0);
  if (listens) expect(speak).toThrow();
});

test('a device that keeps its key hands in a request', async ({ page, request }) => {
  const name = unique('saw');
  await makeDevice(request, name);
  const folder = folderFor(name);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  execFileSync(
    'openssl',
    ['req', '-new', ...curve, '-keyout', 'device.key', '-out', 'device.csr', '-subj', `/CN=${name}`],
    { cwd: folder, stdio: 'ignore' },
  );
  await page.goto(`/devices/${name}?tab=certificates`);
  await page.getByRole('button', { name: 'Create certificate' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Stays with the device' }).click();
  const create = dialog.getByRole('button', { name: 'Create the certificate' });
  await expect(create).toBeDisabled();
  await dialog.getByLabel('Signing request').fill('not one');
  await expect(dialog.getByRole('alert')).toContainText('not a signing request');
  await expect(create).toBeDisabled();
  await dialog.getByLabel('Signing request').fill(readFileSync(join(folder, 'device.csr'), 'utf8'));
  await create.click();
  await expect(dialog.getByRole('region', { name: 'certificate' })).toContainText('BEGIN CERTIFICATE');
  await expect(dialog.getByRole('button', { name: 'Download device.key' })).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('region', { name: 'Certificates' })).toContainText('Active');
});
