import { execFileSync } from 'node:child_process';
import { expect, test } from '@playwright/test';
import { expectAccessible } from './axe';
import { brokerOf, makeDevice, publish, report, stayConnected, want } from './fleet';
import { unique } from './pages';

const text = (value: object) => JSON.stringify(value, null, 2);

test('a device is made, its secret is shown once, and the command beside it works', async ({ page }) => {
  const name = unique('lamp');
  await page.goto('/devices?create=device');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await page.keyboard.type('lamp');
  await dialog.getByLabel('Attributes').fill('{"site": ');
  await expect(dialog.getByRole('alert')).toContainText('not JSON');
  await expect(dialog.getByRole('button', { name: 'Create the device' })).toBeDisabled();
  await dialog.getByLabel('Attributes').fill('{"site": "north", "floor": 2}');
  await dialog.getByRole('button', { name: 'Create the device' }).click();
  const secret = (await dialog.getByRole('region', { name: 'secret' }).textContent())?.trim() ?? '';
  expect(secret).toMatch(/^tld_/);
  await expectAccessible(page);
  const command = (await dialog.getByRole('region', { name: 'command line' }).textContent()) ?? '';
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page).toHaveURL(/\/devices$/);
  await expect(page.getByText(secret)).toHaveCount(0);

  // Nobody has heard of it: it is grey, and not there.
  await page.getByRole('searchbox').fill(name);
  await expect(page).toHaveURL(new RegExp(`q=${name}`));
  const row = page.getByRole('region', { name: 'Devices' }).getByRole('row').filter({ hasText: name });
  await expect(row).toContainText('Never seen');

  execFileSync('sh', ['-c', command], { timeout: 20_000 });
  await expect(row).toContainText('it disconnected');
  await expect(row.getByRole('time').first()).toBeVisible();
  await page.getByLabel('State').selectOption('never');
  await expect(page.getByRole('heading', { name: 'No device fits' })).toBeVisible();
  await page.goBack();

  await page.goto(`/devices/${name}?tab=telemetry`);
  await expect(page.getByText('floor')).toBeVisible();
  await expect(page.getByRole('img', { name: /^temp over time/ })).toBeVisible();
  await page.getByRole('button', { name: /^Open the message/ }).click();
  const drawer = page.getByRole('dialog', { name: `dt/${name}/reading` });
  await expect(drawer.getByRole('region', { name: 'payload', exact: true })).toContainText('{"temp": 21.5}');
  await expectAccessible(page);
  await drawer.getByRole('link', { name: 'Find in SQL' }).click();
  await expect(page.getByRole('region', { name: 'Result rows' })).toContainText(`dt/${name}/reading`);
});

test('a device is there while it is connected, and says why it went', async ({ page, request }) => {
  const name = unique('fan');
  const secret = await makeDevice(request, name);
  const device = stayConnected(await brokerOf(request), name, secret);
  try {
    await page.goto(`/devices?q=${name}`);
    const row = page.getByRole('row').filter({ hasText: name });
    await expect(row).toContainText('Connected');
    await page.getByLabel('State').selectOption('connected');
    await expect(row).toBeVisible();
    // What is shown anew moves neither the focus nor the page.
    const remove = row.getByRole('button', { name: `Remove ${name}` });
    await remove.focus();
    await page.waitForResponse(/\/v1\/sql$/);
    await page.waitForResponse(/\/v1\/things\?/, { timeout: 20_000 });
    await expect(remove).toBeFocused();
    device.kill('SIGKILL');
    await expect(page.getByRole('heading', { name: 'No device fits' })).toBeVisible();
    await page.getByLabel('State').selectOption('all');
    await expect(row).toContainText('the connection was lost');
  } finally {
    device.kill('SIGKILL');
  }
  await page.goto(`/devices/${name}?tab=events`);
  const events = page.getByRole('region', { name: 'Events' });
  await expect(events).toContainText('the connection was lost');
  await page.getByLabel('What').selectOption('changes');
  await expect(page).toHaveURL(/show=changes/);
  await expect(events).toContainText('Made');
  await expect(events).not.toContainText('Connected');
});

test('the platform is asked in vain: nobody is known to be there', async ({ page, request }) => {
  const name = unique('blind');
  const secret = await makeDevice(request, name);
  const device = stayConnected(await brokerOf(request), name, secret);
  try {
    await page.goto(`/devices/${name}`);
    const state = page.getByRole('definition').first();
    await expect(state).toContainText('Connected');
    await page.route(/\/v1\/sql$/, (route) => route.abort());
    await expect(state).toContainText('Unknown');
    await expect(page.getByRole('alert').first()).toBeVisible();
  } finally {
    device.kill('SIGKILL');
  }
});

test('what is wanted is edited, and shows as delta and version until the device reports it', async ({
  page,
  request,
}) => {
  const name = unique('valve');
  await makeDevice(request, name);
  await page.goto(`/devices/${name}`);
  await expect(page.getByRole('heading', { name: 'No twin yet' })).toBeVisible();
  const editor = page.getByLabel('Desired', { exact: true });
  await editor.fill('{"interval": 10, "mode": null}');
  await expect(page.getByRole('alert')).toContainText('mode is null');
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
  await editor.fill('{"interval": 10, "net": {"ssid": "hall"}}');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Version 1', exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'delta' })).toHaveText(
    text({ interval: 10, net: { ssid: 'hall' } }),
  );

  await report(request, name, { interval: 10 });
  await expect(page.getByRole('heading', { name: 'Version 2', exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'delta' })).toHaveText(text({ net: { ssid: 'hall' } }));

  // Only what changes is sent, and what the device reports meanwhile is in nobody's way.
  await editor.fill('{"interval": 10}');
  await expect(page.getByRole('region', { name: 'what is sent' })).toHaveText('{"net":null}');
  await report(request, name, { battery: 80 });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Version 4', exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'delta' })).toContainText('The device is as it is wanted');
  await expect(page.getByRole('region', { name: 'reported' })).toContainText('"battery": 80');

  // Another shadow is a twin of its own.
  await page.getByRole('button', { name: 'Another shadow' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('network');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/shadow=network/);
  await expect(page.getByRole('heading', { name: 'There is no shadow network yet' })).toBeVisible();
  await editor.fill('{"on": true}');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('region', { name: 'delta' })).toHaveText(text({ on: true }));
  await page.getByRole('button', { name: 'Remove this twin' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove the twin' }).click();
  await expect(page.getByRole('heading', { name: 'There is no shadow network yet' })).toBeVisible();
});

test('two who want something at once see both', async ({ page, request }) => {
  const name = unique('meter');
  await makeDevice(request, name);
  await want(request, name, { interval: 5, mode: 'eco' });
  await page.goto(`/devices/${name}`);
  const editor = page.getByLabel('Desired', { exact: true });
  await editor.fill('{"interval": 10, "mode": "eco"}');
  await want(request, name, { mode: 'fast' });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toContainText('Somebody else changed the twin');
  await expect(page.getByRole('region', { name: 'yours' })).toHaveText(text({ interval: 10, mode: 'eco' }));
  await expect(page.getByRole('region', { name: 'theirs' })).toHaveText(text({ interval: 5, mode: 'fast' }));
  await expect(page.getByRole('region', { name: 'What they changed' })).toContainText('"fast"');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Put my changes on theirs' }).click();
  await expect(editor).toHaveValue(/"interval": 10/);
  await expect(editor).toHaveValue(/"mode": "fast"/);
  await expect(page.getByRole('region', { name: 'what is sent' })).toHaveText('{"interval":10}');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Version 3', exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'desired', exact: true })).toHaveText(
    text({ interval: 10, mode: 'fast' }),
  );
});

test('the versions of a twin are walked by keyboard and by link', async ({ page, request }) => {
  const name = unique('tank');
  await makeDevice(request, name);
  await want(request, name, { interval: 5 });
  await report(request, name, { interval: 5, level: 40 });
  await want(request, name, { interval: 20 });
  await page.goto(`/devices/${name}`);
  const slider = page.getByRole('slider', { name: 'Version' });
  await expect(slider).toHaveAttribute('aria-valuetext', /^version 3, /);
  const changes = page.getByRole('region', { name: 'Changes' });
  await expect(changes.getByRole('row').nth(1)).toContainText('desired.interval');

  await slider.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page).toHaveURL(/version=2/);
  await expect(slider).toBeFocused();
  await expect(page.getByRole('heading', { name: 'As of version 2' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'desired', exact: true })).toHaveText(text({ interval: 5 }));
  await expect(page.getByRole('region', { name: 'reported' })).toHaveText(text({ interval: 5, level: 40 }));
  await expect(page.getByRole('region', { name: 'delta' })).toContainText('The device is as it is wanted');
  await expect(changes).toContainText('reported.level');
  await page.reload();
  await expect(page.getByRole('heading', { name: 'As of version 2' })).toBeVisible();

  // What was wanted then can be wanted again.
  await page.getByRole('button', { name: 'Want this again' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Version 4', exact: true })).toBeVisible();
  await expect(page).not.toHaveURL(/version=/);
  await expect(slider).toHaveAttribute('aria-valuetext', /^version 4, /);
});

test('a secret is renewed, and a device is removed by its name', async ({ page, request }) => {
  const name = unique('gate');
  const old = await makeDevice(request, name);
  const broker = await brokerOf(request);
  await page.goto(`/devices/${name}?tab=credential`);
  await page.getByRole('button', { name: 'Renew the secret' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Renew the secret' }).click();
  const dialog = page.getByRole('dialog', { name: `The new secret of ${name}` });
  const secret = (await dialog.getByRole('region', { name: 'secret' }).textContent())?.trim() ?? '';
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText(secret)).toHaveCount(0);
  publish(broker, name, secret, `dt/${name}/x`, '1');
  expect(() => publish(broker, name, old, `dt/${name}/x`, '1')).toThrow();

  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  const confirm = page.getByRole('dialog', { name: `Remove ${name}?` });
  await expect(confirm.getByRole('button', { name: 'Remove the device' })).toBeDisabled();
  await confirm.getByRole('textbox').fill(name);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/devices$/);
  await expect(page.getByRole('link', { name, exact: true })).toHaveCount(0);
  await page.goto(`/devices/${name}`);
  await expect(page.getByRole('alert')).toContainText('TL-FLEET-001');
});

test('devices are reached from the palette and by keys', async ({ page }) => {
  await page.goto('/tables');
  await page.getByRole('heading', { level: 1, name: 'Tables' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await expect(page).toHaveURL(/\/devices$/);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('create a device');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Create a device' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/\/devices$/);
});

test('the kind and the attributes of a device are edited, and one that is left out goes', async ({
  page,
  request,
}) => {
  const name = unique('lamp');
  await makeDevice(request, name, { site: 'north', floor: 2 });
  await page.goto(`/devices/${name}`);
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: `Edit ${name}` });
  const save = dialog.getByRole('button', { name: 'Save' });
  await expect(save).toBeDisabled();
  await dialog.getByLabel('Kind').fill('lamp');
  await dialog.getByLabel('Attributes').fill('{"site": "south"}');
  await expectAccessible(page);
  await save.click();
  await expect(dialog).toBeHidden();
  await page.reload();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await expect(dialog.getByLabel('Kind')).toHaveValue('lamp');
  await expect(dialog.getByLabel('Attributes')).toHaveValue('{\n  "site": "south"\n}');
});
