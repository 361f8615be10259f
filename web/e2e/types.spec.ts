import { expect, test } from '@playwright/test';
import { expectAccessible } from './axe';
import { makeDevice } from './fleet';
import { unique } from './pages';

test('a type is made, holds its devices to its schema, is edited and deleted', async ({ page, request }) => {
  const [name, device] = [unique('boiler'), unique('boiler-1')];
  await makeDevice(request, device, { site: 'north' }, name);
  await page.goto('/types');
  await page
    .getByRole('region', { name: 'Kinds without a type' })
    .getByRole('row')
    .filter({ hasText: name })
    .getByRole('button')
    .click();
  const dialog = page.getByRole('dialog', { name: 'Create a type' });
  await expect(dialog.getByLabel('Name')).toHaveValue(name);
  await dialog.getByLabel('Description').fill('What heats the hall');
  await dialog.getByLabel('Attributes').fill('{"type": ');
  await expect(dialog.getByRole('alert')).toContainText('not JSON');
  await dialog.getByLabel('Attributes').fill('{"type": "no such type"}');
  const create = dialog.getByRole('button', { name: 'Create the type' });
  await create.click();
  await expect(dialog.getByRole('alert')).toContainText('TL-FLEET-021');
  await expectAccessible(page);
  await dialog
    .getByLabel('Attributes')
    .fill('{"type": "object", "required": ["site"], "properties": {"site": {"type": "string"}}}');
  await create.click();

  await expect(page).toHaveURL(new RegExp(`/types/${name}$`));
  await expect(page.getByRole('region', { name: 'attributes schema' })).toContainText('"required"');
  await expect(page.getByRole('region', { name: `Devices of ${name}` })).toContainText(device);
  await page.getByRole('link', { name: 'Its devices' }).click();
  await expect(page).toHaveURL(new RegExp(`/devices\\?kind=${name}$`));
  await expect(page.getByRole('region', { name: 'Devices' }).getByRole('row')).toHaveCount(2);
  const refused = await request.post('/v1/things', {
    headers: { authorization: `Bearer ${process.env.TRUNKLINE_TOKEN}` },
    data: { name: unique('boiler-2'), kind: name, attributes: {} },
  });
  expect(await refused.text()).toContain('TL-FLEET-022');

  await page.goto('/types');
  const row = page.getByRole('region', { name: 'Types' }).getByRole('row').filter({ hasText: name });
  await expect(row).toContainText('1 property');
  await expect(row.getByRole('link', { name: `1 devices of ${name}` })).toBeVisible();
  await row.getByRole('link', { name, exact: true }).click();
  await page.getByRole('button', { name: 'Edit' }).click();
  const edit = page.getByRole('dialog', { name: `Edit ${name}` });
  await expect(edit.getByLabel('Attributes')).toHaveValue(/"site"/);
  await edit.getByLabel('Attributes').fill('');
  await edit.getByLabel('Size of a twin').fill('16');
  await edit.getByRole('button', { name: 'Save' }).click();
  await expect(edit).toBeHidden();
  await expect(page.getByText('at most 16 KiB')).toBeVisible();
  await expect(page.getByText('Its devices may have any attributes.')).toBeVisible();

  await page.getByRole('button', { name: 'Delete' }).click();
  const confirm = page.getByRole('dialog', { name: `Delete ${name}?` });
  await confirm.getByRole('textbox').fill(name);
  await expectAccessible(page);
  await confirm.getByRole('button', { name: 'Delete the type' }).click();
  await expect(page).toHaveURL(/\/types$/);
  await expect(page.getByRole('region', { name: 'Kinds without a type' })).toContainText(name);
});

test('types are reached by keys and from the palette', async ({ page }) => {
  await page.goto('/tables');
  await page.getByRole('heading', { level: 1, name: 'Tables' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('k');
  await expect(page).toHaveURL(/\/types$/);
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
  await page.keyboard.type('create a type');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Create a type' })).toBeVisible();
});
