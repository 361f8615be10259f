import { createHash } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { expectAccessible } from './axe';
import { putArtifact } from './fleet';
import { unique } from './pages';

test('an artifact is uploaded, seen, downloaded as it was, and deleted', async ({ page }) => {
  const name = unique('pump-image');
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251));
  const digest = createHash('sha256').update(content).digest('hex');
  await page.goto('/artifacts');
  await page.getByRole('button', { name: 'Upload artifact' }).click();
  const dialog = page.getByRole('dialog', { name: 'Upload an artifact' });
  const file = { name: `${name}-1.4.0.bin`, mimeType: 'application/octet-stream', buffer: content };
  await dialog.getByLabel('File').setInputFiles(file);
  await expect(dialog.getByLabel('Name')).toHaveValue(name);
  await expect(dialog.getByLabel('Version')).toHaveValue('1.4.0');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Upload' }).click();

  await expect(page).toHaveURL(new RegExp(`/artifacts/${name}@1\\.4\\.0/about$`));
  await expect(page.getByRole('region', { name: 'digest' })).toContainText(digest);
  await page.reload();
  await expect(page.getByRole('region', { name: 'document' })).toContainText(
    `\${trunkline:artifact:${name}@1.4.0}`,
  );
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  const stream = await (await saved).createReadStream();
  const hash = createHash('sha256');
  for await (const part of stream) hash.update(part as Buffer);
  expect(hash.digest('hex')).toBe(digest);

  await page.getByRole('link', { name: 'All versions' }).click();
  const row = page.getByRole('region', { name: 'Artifacts' }).getByRole('row').filter({ hasText: name });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText('293 KiB');
  await expect(row).toContainText(digest.slice(0, 12));
  await expect(row.getByRole('button', { name: `Copy the URL of ${name}@1.4.0` })).toBeVisible();
  await row.getByRole('button', { name: /^Delete/ }).click();
  const confirm = page.getByRole('dialog', { name: `Delete ${name}@1.4.0?` });
  await confirm.getByRole('textbox').fill(`${name}@1.4.0`);
  await expectAccessible(page);
  await confirm.getByRole('button', { name: 'Delete the artifact' }).click();
  await expect(row).toHaveCount(0);
});

test('other content under a name and version is refused, and the form keeps what was typed', async ({
  page,
  request,
}) => {
  const name = unique('image');
  await putArtifact(request, name, '1.0.0', Buffer.from('the first'));
  await page.goto('/artifacts?create=artifact');
  const dialog = page.getByRole('dialog', { name: 'Upload an artifact' });
  const file = { name: 'other.bin', mimeType: 'application/octet-stream', buffer: Buffer.from('the other') };
  await dialog.getByLabel('File').setInputFiles(file);
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Version').fill('1.0.0');
  await dialog.getByRole('button', { name: 'Upload' }).click();
  await expect(dialog.getByRole('alert')).toContainText('TL-ARTIFACT-003');
  await expect(dialog.getByLabel('Version')).toHaveValue('1.0.0');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/\/artifacts$/);
});
