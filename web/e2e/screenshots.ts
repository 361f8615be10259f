import { test } from '@playwright/test';
import { DEVICE_PAGES, prepareDevice } from './fleet';
import { FORGE_PAGES, prepareRepository } from './forge';
import { PAGES, SAMPLE_PAGES } from './pages';
import { prepareService, SERVICE_PAGES } from './services';

const folder = '../screenshots';
const ALL = [
  ...PAGES,
  ...DEVICE_PAGES,
  ...FORGE_PAGES,
  ...SERVICE_PAGES,
  ...(process.env.SAMPLE ? SAMPLE_PAGES : []),
];

test.beforeAll(async ({ request }) => {
  await prepareDevice(request);
  await prepareRepository(request);
  await prepareService(request);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    for (const { name, path, shown } of ALL) {
      test(name, async ({ page }) => {
        await page.goto(path);
        await shown(page);
        // The page's parts answer one after the other; some ask again and again, so that it is never quite idle.
        await page.waitForLoadState('networkidle', { timeout: 2_000 }).catch(() => undefined);
        await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
      });
    }

    test('palette', async ({ page }) => {
      await page.goto('/tables');
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').waitFor();
      await page.screenshot({ path: `${folder}/palette-${colorScheme}.png` });
    });

    test.describe('signed out', () => {
      test.use({ storageState: { cookies: [], origins: [] } });
      test('sign-in', async ({ page }) => {
        await page.goto('/sign-in');
        await page.getByRole('heading', { name: 'Sign in' }).waitFor();
        await page.screenshot({ path: `${folder}/sign-in-${colorScheme}.png` });
      });
    });
  });
}
