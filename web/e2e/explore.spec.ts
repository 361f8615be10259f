import { expect, test } from '@playwright/test';
import { unique } from './pages';

const editor = 'SQL statement';

test('a typed statement runs, and its link shows the same to a colleague', async ({ page, context }) => {
  await page.goto('/explore');
  await page.getByRole('textbox', { name: editor }).click();
  await page.keyboard.type("SELECT 'a' AS name, 1 AS n UNION ALL SELECT 'b', 2 ORDER BY n");
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('2 rows in')).toBeVisible();
  await page.getByRole('button', { name: 'n', exact: true }).click();
  await page.getByRole('button', { name: 'n', exact: true }).click();
  await expect(page).toHaveURL(/sort=n%3Adesc/);
  const first = page.getByRole('region', { name: 'Result rows' }).locator('tbody tr').first();
  await expect(first).toContainText('b');

  const colleague = await context.newPage();
  await colleague.goto(page.url());
  await expect(
    colleague.getByRole('region', { name: 'Result rows' }).locator('tbody tr').first(),
  ).toContainText('b');

  await page.getByRole('button', { name: 'Chart' }).click();
  await expect(page.getByRole('img', { name: /chart of n over name/ })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('img', { name: /chart of n over name/ })).toBeVisible();
});

test('back shows the statement before', async ({ page }) => {
  await page.goto('/explore?q=SELECT+1+AS+first');
  await expect(page.getByText('1 row in')).toBeVisible();
  await page.getByRole('textbox', { name: editor }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('SELECT 2 AS second');
  await page.keyboard.press('Control+Enter');
  await expect(page).toHaveURL(/q=SELECT\+2/);
  await page.goBack();
  await expect(page.getByRole('textbox', { name: editor })).toContainText('first');
});

test('columns of the catalogue are offered before FROM', async ({ page }) => {
  await page.goto('/explore');
  await page.getByRole('textbox', { name: editor }).click();
  await page.keyboard.type('SELECT sev');
  await expect(page.getByRole('option', { name: /^severity/ }).first()).toBeVisible();
});

test('an error says what, where and which code', async ({ page }) => {
  await page.goto(`/explore?${new URLSearchParams({ q: 'SELECT 1\nFORM events' })}`);
  const alert = page.getByRole('alert').first();
  await expect(alert).toContainText(/TL-[A-Z]+-\d+/);
  await alert.getByRole('link', { name: /^What TL-/ }).click();
  await expect(page).toHaveURL(/\/errors\/TL-/);
});

test('a statement that runs long is cancelled', async ({ page }) => {
  const query = `SELECT count(*) FROM generate_series(1, 300000) a(x)
CROSS JOIN generate_series(1, 300000) b(y) WHERE (a.x * b.y) % 7 = 3`;
  await page.goto(`/explore?${new URLSearchParams({ q: query })}`);
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByRole('alert').first()).toContainText(/cancel/i);
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
});

test('a saved query is found, renamed and deleted', async ({ page }) => {
  const name = unique('e2e');
  await page.goto('/explore?q=SELECT+42+AS+answer');
  await expect(page.getByText('1 row in')).toBeVisible();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await page.getByRole('button', { name: `Rename ${name}` }).click();
  await page.getByRole('textbox', { name: 'New name' }).fill(`${name}-b`);
  await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('button', { name: `Delete ${name}-b` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete the query' }).click();
  await expect(page.getByRole('button', { name: `Delete ${name}-b` })).toHaveCount(0);
});

test('a result leaves as CSV', async ({ page }) => {
  await page.goto('/explore?q=SELECT+42+AS+answer');
  await page.getByRole('button', { name: 'Export the result' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Download CSV' }).click();
  expect((await download).suggestedFilename()).toBe('trunkline-result.csv');
});
