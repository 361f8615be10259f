import { expect, test } from '@playwright/test';
import { expectAccessible } from './axe';
import { DEVICE_PAGES, prepareDevice } from './fleet';
import { FORGE_PAGES, prepareRepository } from './forge';
import { PAGES } from './pages';
import { prepareService, SERVICE_PAGES } from './services';

const ALL = [...PAGES, ...DEVICE_PAGES, ...FORGE_PAGES, ...SERVICE_PAGES];

test.beforeAll(async ({ request }) => {
  await prepareDevice(request);
  await prepareRepository(request);
  await prepareService(request);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    for (const { name, path, shown } of ALL) {
      test(`${name} is accessible`, async ({ page }) => {
        await page.goto(path);
        await shown(page);
        await expectAccessible(page);
      });
    }

    test('the palette, the keys and the menu are accessible', async ({ page }) => {
      await page.goto('/tables');
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
      await expectAccessible(page);
      await page.keyboard.press('Escape');
      // A key that is pressed while the palette still has the focus is typed into it.
      await page.getByRole('dialog', { name: 'Command palette' }).waitFor({ state: 'hidden' });
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await expectAccessible(page);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('menu').waitFor();
      await expectAccessible(page);
    });

    test.describe('signed out', () => {
      test.use({ storageState: { cookies: [], origins: [] } });

      test('sign-in is accessible, also with an error', async ({ page }) => {
        await page.goto('/sign-in');
        await page.getByRole('heading', { name: 'Sign in' }).waitFor();
        await expectAccessible(page);
        await page.goto('/sign-in?link=never-valid');
        await page.getByRole('alert').waitFor();
        expect(new URL(page.url()).search).toBe('');
        await expectAccessible(page);
      });
    });
  });
}

test('every page fits a screen of 360 px', async ({ page }) => {
  test.setTimeout(120_000);
  await page.setViewportSize({ width: 360, height: 740 });
  for (const { path, shown } of ALL) {
    await page.goto(path);
    await shown(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wide, `${path} scrolls sideways`).toBe(false);
  }
});
