import { expect, test } from '@playwright/test';
import { expectAccessible } from './axe';
import { Checkout, createRepository } from './git';
import { unique } from './pages';

test('delivery of a repository to which nothing was pushed says what to do', async ({ page, request }) => {
  const name = unique('idle');
  await createRepository(request, name);
  await page.goto('/tables');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('v');
  await expect(page).toHaveURL(/\/delivery$/);
  await page.getByLabel('Repository').selectOption(name);
  await expect(page).toHaveURL(new RegExp(`/delivery\\?repository=${name}$`));
  await expect(page.getByRole('heading', { name: 'Nothing landed in the last 30 days' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'command line' })).toContainText('refs/for/trunk');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Look a year back' }).click();
  await expect(page).toHaveURL(new RegExp(`/delivery\\?days=365&repository=${name}$`));
  await expect(page.getByRole('heading', { name: 'Nothing landed in the last year' })).toBeVisible();
  await page.getByRole('button', { name: '7 days' }).click();
  await expect(page).toHaveURL(new RegExp(`/delivery\\?days=7&repository=${name}$`));
});

test('delivery shows what landed, what was refused and what it cost, and each of it as SQL', async ({
  page,
  request,
}) => {
  const name = unique('shipped');
  await createRepository(request, name);
  const checkout = await Checkout.of(name);
  // What ran green is never run again, so it must be a task that no other run of the tests had.
  const service = (command: string) => `name = "shop"\n[test]\ncmd = "${command} # ${name}"\n`;
  await checkout.commit('begin', { 'README.md': '# The shop\n' });
  await checkout.git('push', '-q', 'trunk', 'HEAD:trunk');
  await checkout.commit('test it', { 'service.toml': service('true') });
  await checkout.push();
  await checkout.commit('break it', { 'service.toml': service('exit 3') });
  await checkout.push().catch(() => undefined);
  await checkout.remove();

  await page.goto(`/delivery?days=7&repository=${name}`);
  const landings = page.getByRole('img', { name: /^Changes by day in the last 7 days/ });
  await expect(landings).toHaveAccessibleName(/: 1 refused, 1 landed\.$/);
  await expect(page.getByRole('img', { name: /^Lead time by day .* on 1 days with landings/ })).toBeVisible();
  await expect(page.getByRole('img', { name: /^Changes by lead time/ })).toBeVisible();
  await expect(page.getByText('50% of landed and refused')).toBeVisible();
  const costly = page.getByRole('region', { name: 'The costliest tasks' });
  await expect(costly.getByRole('rowheader')).toHaveText(['test']);
  await expect(page.getByText('No task was red for nothing in the last 7 days.')).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 375, height: 740 });
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  await expect.poll(wide, { message: 'the page scrolls sideways' }).toBe(false);
  await page.setViewportSize({ width: 1280, height: 800 });

  for (const [panel, column] of [
    ['what it comes down to', 'median_s'],
    ['Lead time by day', 'p95'],
    ['How lead times are spread', 'took'],
    ['Landings and refusals', 'refused'],
    ['Work that was known before', 'known'],
    ['The costliest tasks', 'run_seconds'],
  ] as const) {
    await page.goto(`/delivery?days=7&repository=${name}`);
    const link = page.getByRole('link', { name: `Open as SQL ${panel}`, exact: true });
    await link.focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/explore\?q=/);
    await expect(page.getByRole('heading', { name: 'Result' })).toBeVisible();
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await expect(page.getByRole('columnheader', { name: column })).toBeVisible();
  }
});

test('a view is shown with its statement and the tables that it reads', async ({ page }) => {
  await page.goto('/tables');
  await page.getByRole('link', { name: 'delivery', exact: true }).click();
  await expect(page.getByRole('region', { name: 'statement' })).toContainText('from lead_time');
  await expect(page.getByRole('link', { name: 'landings', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Erase rows' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Follow live' })).toHaveCount(0);
  await expectAccessible(page);
});
