import { expect, test } from '@playwright/test';
import { expectAccessible } from './axe';
import { makeDevice, relate } from './fleet';
import { unique } from './pages';

test('a relation is added, is seen from both ends, and is removed', async ({ page, request }) => {
  const [pump, gateway] = [unique('pump'), unique('gateway')];
  await makeDevice(request, pump);
  await makeDevice(request, gateway);
  await page.goto(`/devices/${pump}?tab=relations`);
  await expect(
    page.getByRole('heading', { name: 'It hangs off nothing, and nothing hangs off it' }),
  ).toBeVisible();
  await expect(page.getByRole('region', { name: 'API call' })).toContainText('-X PUT');

  const add = page.getByRole('button', { name: 'Add the relation' });
  await page.getByLabel('Kind').fill('talks-through');
  await page.getByLabel('Device', { exact: true }).fill(pump);
  await expect(page.getByRole('alert')).toContainText('itself');
  await expect(add).toBeDisabled();
  await page.getByLabel('Device', { exact: true }).fill('no-such-device');
  await add.click();
  await expect(page.getByRole('alert')).toContainText('TL-FLEET-001');
  await page.getByLabel('Device', { exact: true }).fill(gateway);
  await page.keyboard.press('Enter');
  const outgoing = page.getByRole('region', { name: 'What it hangs off' });
  await expect(outgoing).toContainText(gateway);

  await page.getByLabel('The other is').selectOption('place');
  await page.getByLabel('Place', { exact: true }).fill('cellar');
  await expect(page.getByRole('alert')).toContainText('place:cellar');
  await page.getByLabel('Place', { exact: true }).fill('place:cellar');
  await page.getByLabel('Kind').fill('part-of');
  await add.click();
  await expect(outgoing).toContainText('place:cellar');
  await expectAccessible(page);

  await outgoing.getByRole('link', { name: gateway }).click();
  await expect(page).toHaveURL(new RegExp(`/devices/${gateway}\\?tab=relations$`));
  const incoming = page.getByRole('region', { name: 'What hangs off it' });
  await expect(incoming).toContainText(pump);
  await incoming.getByRole('button', { name: `Remove talks-through thing:${pump}` }).click();
  const confirm = page.getByRole('dialog', { name: 'Remove the relation talks-through?' });
  await expect(confirm).toContainText(`thing:${pump} does not hang off thing:${gateway}`);
  await confirm.getByRole('button', { name: 'Remove the relation' }).click();
  await expect(
    page.getByRole('heading', { name: 'It hangs off nothing, and nothing hangs off it' }),
  ).toBeVisible();
});

test('what is affected where a device fails is listed over several steps', async ({ page, request }) => {
  const [gateway, pump, valve] = [unique('gate'), unique('pump'), unique('valve')];
  for (const name of [gateway, pump, valve]) await makeDevice(request, name);
  await relate(request, `thing:${pump}`, 'talks-through', `thing:${gateway}`);
  await relate(request, `thing:${valve}`, 'behind', `thing:${pump}`);
  await page.goto(`/devices/${gateway}?tab=relations`);
  await expect(page.getByText('2 devices and places, over at most 2 steps')).toBeVisible();
  const reach = page.getByRole('region', { name: 'Everything that hangs off it' });
  await expect(reach.getByRole('row').nth(1)).toContainText(pump);
  await expect(reach.getByRole('row').nth(2)).toContainText(valve);
});
