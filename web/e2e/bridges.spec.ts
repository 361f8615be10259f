import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { expectAccessible } from './axe';
import { unique } from './pages';

test('bridges are reached by keys and from the palette', async ({ page }) => {
  await page.goto('/tables');
  await page.getByRole('heading', { level: 1, name: 'Tables' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('b');
  await expect(page).toHaveURL(/\/bridges$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Bridges' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('bridges with trouble');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/bridges\?show=troubled$/);
});

test('a bridge shows both of its sides and what is wrong with its file', async ({ page }) => {
  const data = process.env.TRUNKLINE_DATA_DIR;
  if (!data) throw new Error('TRUNKLINE_DATA_DIR must name the data directory of the server');
  const folder = join(data, 'workspace', 'bridge');
  const [lost, wrong] = [unique('lost'), unique('wrong')];
  await page.goto('/bridges');
  await expect(page.getByRole('heading', { name: 'No bridge yet' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'command line' })).toContainText('bridge/aws.toml');

  mkdirSync(folder, { recursive: true });
  const good = 'server = "mqtt://127.0.0.1:1"\nclient_id = "site-7"\n[[out]]\nfilter = "dt/#"\n';
  writeFileSync(join(folder, `${lost}.toml`), good);
  writeFileSync(join(folder, `${wrong}.toml`), 'server = \n');
  try {
    const sides = page.getByRole('region', { name: `Connections of ${lost}` }).getByRole('row');
    await expect(sides.filter({ hasText: 'Our broker' })).toContainText('Connected');
    await expect(sides.filter({ hasText: 'The other broker' })).toContainText('Not connected');
    await expect(page.getByRole('region', { name: `Messages of ${lost}` }).getByRole('row')).toHaveCount(3);
    await expect(page.getByText(`bridge/${wrong}.toml`)).toBeVisible();
    await page.getByRole('button', { name: 'With trouble' }).click();
    await expect(page).toHaveURL(/show=troubled/);
    await expect(sides.filter({ hasText: 'The other broker' })).toBeVisible();
    await expectAccessible(page);

    // Nobody answers: what was green is not known any more.
    await page.route(/\/v1\/bridges$/, (route) => route.abort());
    await expect(sides.filter({ hasText: 'Our broker' })).toContainText('Not known');
    await expect(page.getByRole('alert')).toContainText('does not answer');
  } finally {
    for (const name of [lost, wrong]) rmSync(join(folder, `${name}.toml`));
  }
});
