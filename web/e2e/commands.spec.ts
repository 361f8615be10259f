import { expect, test } from '@playwright/test';
import { expectAccessible } from './axe';
import { answerOnce, brokerOf, makeDevice } from './fleet';
import { unique } from './pages';

test('a command is sent, and shows what the device answered', async ({ page, request }) => {
  const name = unique('motor');
  const secret = await makeDevice(request, name);
  await page.goto(`/devices/${name}?tab=commands`);
  await expect(page.getByRole('heading', { name: 'It was told nothing yet' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'API call' })).toContainText(`/v1/things/${name}/commands`);

  const send = page.getByRole('button', { name: 'Send the command' });
  await expect(send).toBeDisabled();
  await page.getByLabel('Name').fill('measure');
  await page.getByLabel('Payload').fill('{"precise": ');
  await expect(page.getByRole('alert')).toContainText('not JSON');
  await expect(send).toBeDisabled();
  await page.getByLabel('Payload').fill('{"precise": true}');

  const device = answerOnce(await brokerOf(request), name, secret, {
    status: 'succeeded',
    result: { temp: 61.5 },
  });
  try {
    // It hears nothing before it is there.
    await expect(page.getByRole('definition').first()).toContainText('Connected');
    await page.getByLabel('Name').focus();
    await page.keyboard.press('Enter');
    const row = page.getByRole('region', { name: 'Commands' }).getByRole('row').nth(1);
    await expect(row).toContainText('Succeeded');
    await expect(row).toContainText('{"temp":61.5}');

    await row.getByRole('link', { name: /^measure/ }).click();
    await expect(page).toHaveURL(/tab=commands&command=cmd_/);
    const drawer = page.getByRole('dialog', { name: 'measure' });
    await expect(drawer.getByRole('region', { name: 'payload' })).toHaveText(/"precise": true/);
    await expect(drawer.getByRole('region', { name: 'answer' })).toHaveText(/"temp": 61.5/);
    await expectAccessible(page);
    await page.reload();
    await expect(drawer.getByRole('region', { name: 'answer' })).toHaveText(/"temp": 61.5/);
    await page.keyboard.press('Escape');
    await expect(page).toHaveURL(new RegExp(`/devices/${name}\\?tab=commands$`));
  } finally {
    device.kill('SIGKILL');
  }
});

test('a command that nobody answers is called off, or is timed out', async ({ page, request }) => {
  const name = unique('deaf');
  await makeDevice(request, name);
  await page.goto(`/devices/${name}?tab=commands`);
  const rows = page.getByRole('region', { name: 'Commands' }).getByRole('row');
  await page.getByLabel('Name').fill('reboot');
  await page.getByLabel('Deadline').fill('600');
  await page.getByRole('button', { name: 'Send the command' }).click();
  const first = rows.filter({ hasText: 'reboot' });
  await expect(first).toContainText('Waits');
  await expect(first).toContainText(/in 9 min/);
  await first.getByRole('button', { name: /^Call off reboot/ }).click();
  const confirm = page.getByRole('dialog', { name: 'Call off reboot?' });
  await expect(confirm).toContainText('The device is not told');
  await expectAccessible(page);
  await confirm.getByRole('button', { name: 'Call it off' }).click();
  await expect(first).toContainText('Called off');
  await expect(first.getByRole('button', { name: /^Call off/ })).toHaveCount(0);

  await page.getByLabel('Name').fill('blink');
  await page.getByLabel('Deadline').fill('1');
  await page.getByRole('button', { name: 'Send the command' }).click();
  await expect(rows.filter({ hasText: 'blink' })).toContainText('Timed out', { timeout: 20_000 });

  await page.getByLabel('Status').selectOption('cancelled');
  await expect(page).toHaveURL(/status=cancelled/);
  await expect(first).toBeVisible();
  await expect(rows.filter({ hasText: 'blink' })).toHaveCount(0);
  await page.getByLabel('Status').selectOption('succeeded');
  await expect(page.getByText('No command fits.')).toBeVisible();
});

test('a command that is not there says so', async ({ page, request }) => {
  const name = unique('plain');
  await makeDevice(request, name);
  await page.goto(`/devices/${name}?tab=commands&command=cmd_none`);
  const drawer = page.getByRole('dialog', { name: 'Command' });
  await expect(drawer.getByRole('alert')).toContainText('TL-COMMAND-001');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/tab=commands$/);
});
