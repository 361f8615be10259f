import { expect, test } from '@playwright/test';
import { brokerOf, makeDevice, makeGroup, stayConnected } from './fleet';
import { unique } from './pages';

test('groups are tiles that say who is there, and lead to their devices', async ({ page, request }) => {
  const [here, silent] = [unique('here'), unique('silent')];
  const [whole, part] = [unique('site'), unique('hall')];
  const secret = await makeDevice(request, here);
  await makeDevice(request, silent);
  await makeGroup(request, { name: whole }, [silent]);
  await makeGroup(request, { name: part, parent: whole }, [here]);
  const device = stayConnected(await brokerOf(request), here, secret);
  try {
    await page.goto('/devices');
    await page.getByRole('button', { name: 'Map of groups' }).click();
    await expect(page).toHaveURL(/\/devices\?view=map$/);
    await expect(page.getByRole('img', { name: `${part}: 1 connected, 0 gone, 0 not known` })).toBeVisible();
    // A group has the devices of its parts too; nobody has heard of the other one, so it is not there.
    await expect(page.getByRole('img', { name: `${whole}: 1 connected, 0 gone, 1 not known` })).toBeVisible();
    await page.reload();
    await page.getByRole('link', { name: whole, exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`/devices\\?group=${whole}$`));
    const rows = page.getByRole('region', { name: 'Devices' }).getByRole('row');
    await expect(rows).toHaveCount(3);
    await expect(page.getByLabel('Group')).toHaveValue(`=${whole}`);
    await page.getByLabel('State').selectOption('connected');
    await expect(page).toHaveURL(/state=connected&group=/);
    await expect(rows).toHaveCount(2);
    await expect(rows.nth(1)).toContainText(here);
    await page.getByLabel('Group').selectOption('=');
    await expect(page).toHaveURL(/group=$/);
    await expect(rows.filter({ hasText: here })).toHaveCount(0);

    // The platform is asked in vain: nobody is known to be there.
    await page.goto('/devices?view=map');
    await expect(page.getByRole('img', { name: `${part}: 1 connected, 0 gone, 0 not known` })).toBeVisible();
    await page.route(/\/v1\/sql$/, (route) => route.abort());
    await expect(page.getByRole('img', { name: `${part}: 0 connected, 0 gone, 1 not known` })).toBeVisible();
  } finally {
    device.kill('SIGKILL');
  }
});

test('a group whose statement is broken says so, and hides no other', async ({ page, request }) => {
  const [name, good, broken] = [unique('pump'), unique('good'), unique('broken')];
  await makeDevice(request, name);
  await makeGroup(request, { name: good }, [name]);
  await makeGroup(request, { name: broken, statement: 'select thing from no_such_table' }, []);
  try {
    await page.goto('/devices?view=map');
    await expect(page.getByRole('img', { name: `${good}: 0 connected, 0 gone, 1 not known` })).toBeVisible();
    const tile = page.getByRole('list', { name: 'Groups' }).getByRole('listitem').filter({ hasText: broken });
    await expect(tile).toContainText('TL-FLEET-019');
    await tile.getByRole('link', { name: broken }).click();
    await expect(page.getByRole('alert')).toContainText('TL-FLEET-019');
  } finally {
    // One that cannot be read would hide who is in no group from the other tests.
    await request.delete(`/v1/thing-groups/${broken}`, {
      headers: { authorization: `Bearer ${process.env.TRUNKLINE_TOKEN}` },
    });
  }
});

test('the map of groups is reached from the palette', async ({ page }) => {
  await page.goto('/tables');
  await page.getByRole('heading', { level: 1, name: 'Tables' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('map of device groups');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/devices\?view=map$/);
});
