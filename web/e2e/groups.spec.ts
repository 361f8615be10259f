import { expect, test } from '@playwright/test';
import { expectAccessible } from './axe';
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

test('a group is made, filled and emptied by hand, and deleted', async ({ page, request }) => {
  const [first, second, name] = [unique('motor'), unique('motor-b'), unique('wing')];
  await makeDevice(request, first);
  await makeDevice(request, second);
  await page.goto('/groups');
  await page.getByRole('button', { name: 'Create group' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create a group' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Description').fill('The west wing');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Create the group' }).click();

  await expect(page).toHaveURL(new RegExp(`/groups/${name}$`));
  await expect(page.getByText('Nobody is in it yet.')).toBeVisible();
  await page.getByLabel('Add devices').fill(`${first} no-such-device ${second}`);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('TL-FLEET-001');
  await page.getByLabel('Add devices').fill(second);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const members = page.getByRole('region', { name: `Devices of ${name}` });
  await expect(members.getByRole('row')).toHaveCount(3);
  await members.getByRole('row').filter({ hasText: first }).getByRole('button').click();
  await expect(members.getByRole('row')).toHaveCount(2);
  await expect(members).toContainText(second);

  await page.getByRole('button', { name: 'Edit' }).click();
  const edit = page.getByRole('dialog', { name: `Edit ${name}` });
  await edit.getByLabel('Description').fill('The east wing');
  await edit.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The east wing')).toBeVisible();
  await page.getByRole('link', { name: 'Show in Devices' }).click();
  await expect(page).toHaveURL(new RegExp(`/devices\\?group=${name}$`));
  await expect(page.getByRole('region', { name: 'Devices' }).getByRole('row')).toHaveCount(2);

  await page.goto('/groups');
  const row = page.getByRole('region', { name: 'Groups' }).getByRole('row').filter({ hasText: name });
  await expect(row.getByRole('link', { name: `1 devices of ${name}` })).toBeVisible();
  await row.getByRole('link', { name, exact: true }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  const confirm = page.getByRole('dialog', { name: `Delete ${name}?` });
  await confirm.getByRole('textbox').fill(name);
  await confirm.getByRole('button', { name: 'Delete the group' }).click();
  await expect(page).toHaveURL(/\/groups$/);
  await expect(row).toHaveCount(0);
});

test('a group that a statement makes up has who it finds, and its statement is changed', async ({
  page,
  request,
}) => {
  const [first, second, name] = [unique('probe'), unique('gauge'), unique('finds')];
  await makeDevice(request, first);
  await makeDevice(request, second);
  await page.goto('/groups?create=group');
  const dialog = page.getByRole('dialog', { name: 'Create a group' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Whom a statement finds' }).click();
  const create = dialog.getByRole('button', { name: 'Create the group' });
  await expect(create).toBeDisabled();
  await dialog.getByLabel('Statement').fill(`select thing from things where thing = '${first}'`);
  await expectAccessible(page);
  await create.click();
  const members = page.getByRole('region', { name: `Devices of ${name}` });
  await expect(members).toContainText(first);
  await expect(page.getByLabel('Add devices')).toHaveCount(0);

  await page.getByRole('button', { name: 'Edit' }).click();
  const edit = page.getByRole('dialog', { name: `Edit ${name}` });
  await edit.getByLabel('Statement').fill(`select thing from things where thing = '${second}'`);
  await edit.getByRole('button', { name: 'Save' }).click();
  await expect(members).toContainText(second);
  await expect(members).not.toContainText(first);
  await page.getByRole('link', { name: 'Open as SQL' }).click();
  await expect(page.getByRole('heading', { name: 'Result' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText(second);
});
