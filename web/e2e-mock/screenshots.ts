import { test } from '@playwright/test';
import { mock } from './mock';
import { PAGES, SIGNED_OUT } from './pages';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    for (const { name, path, shown, signedOut } of PAGES) {
      test(name, async ({ page }) => {
        await mock(page, signedOut ? SIGNED_OUT : {});
        await page.goto(path);
        await shown(page);
        await page.waitForLoadState('networkidle', { timeout: 2_000 }).catch(() => undefined);
        await page.screenshot({ path: `../screenshots/mock/${name}-${colorScheme}.png` });
      });
    }
  });
}
