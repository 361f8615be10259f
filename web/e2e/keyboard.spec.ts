import { expect, test } from '@playwright/test';

test('the palette goes anywhere without a mouse and gives the focus back', async ({ page }) => {
  await page.goto('/system');
  await expect(page.getByRole('heading', { level: 1, name: 'System' })).toBeVisible();
  const search = page.getByRole('button', { name: /Search or run/ });
  await search.focus();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await expect(palette.getByRole('combobox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();
  await expect(search).toBeFocused();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('table events');
  await expect(palette.getByRole('option', { name: 'Table events' })).toHaveAttribute('data-selected', '');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/tables\/events$/);
  await expect(page.getByRole('heading', { level: 1, name: 'events' })).toBeVisible();

  // What was opened is offered first the next time.
  await page.keyboard.press('Control+k');
  await expect(palette.getByRole('option').first()).toContainText('Table events');
  await page.keyboard.type('dark theme');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('two keys go to a page, and typing in a field does not', async ({ page }) => {
  await page.goto('/tables');
  await expect(page.getByRole('heading', { level: 1, name: 'Tables' })).toBeVisible();
  for (const [key, path] of [
    ['l', '/live'],
    ['s', '/system'],
    ['t', '/tables'],
    ['e', '/explore'],
  ] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await expect(page).toHaveURL(new RegExp(`${path}$`));
  }
  await page.goto('/live');
  await page.getByRole('searchbox').focus();
  await page.keyboard.type('g s?');
  await expect(page).toHaveURL(/\/live$/);
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
