import { expect, test } from '@playwright/test';
import { makeDevice, report } from './fleet';
import { unique } from './pages';

test('what a device reports stands beside what the model of its kind expected', async ({ page, request }) => {
  const name = unique('thermostat');
  // The shipped model of the kind knows these fields.
  const usual = { state: 'idle', target: 21, window_open: false, room: 21, battery: 90 };
  await makeDevice(request, name, {}, 'thermostat');
  await report(request, name, usual);
  await page.goto(`/devices/${name}`);
  await page.getByRole('heading', { name: 'Version 1' }).waitFor();
  // Reports are told apart by their seconds.
  await page.waitForTimeout(2_500);
  await report(request, name, { ...usual, room: 41 });
  const rows = page.getByRole('region', { name: `Residuals of ${name}` }).getByRole('row');
  await expect(rows.filter({ hasText: /^\s*room/ })).toContainText(/\+(19|20)/, { timeout: 30_000 });
  await expect(rows.filter({ hasText: 'window_open' })).toContainText('false (0)');
});
