import { expect, test as setup } from '@playwright/test';

setup('signs in with a token, by keyboard', async ({ page }) => {
  const token = process.env.TRUNKLINE_TOKEN;
  if (!token) throw new Error('TRUNKLINE_TOKEN must hold an owner token of the server');
  await page.goto('/tables');
  await expect(page).toHaveURL(/\/sign-in\?next=%2Ftables/);
  await page.getByText('Use an API token or a sign-in link').focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('API token or sign-in link').focus();
  await page.keyboard.type(token);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Tables' })).toBeVisible();
  await page.context().storageState({ path: 'test-results/session.json' });
});
