import { expect, test } from '@playwright/test';
import { expectAccessible } from '../e2e/axe';
import { mock } from './mock';
import { PAGES, SIGNED_OUT } from './pages';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });
    for (const { name, path, shown, signedOut } of PAGES) {
      test(`${name} is accessible and asks nobody outside`, async ({ page }) => {
        const outside = await mock(page, signedOut ? SIGNED_OUT : {});
        await page.goto(path);
        await shown(page);
        await expectAccessible(page);
        expect(outside).toEqual([]);
      });
    }
  });
}

test('every page fits a screen of 360 px', async ({ page }) => {
  test.setTimeout(120_000);
  await page.setViewportSize({ width: 360, height: 740 });
  await mock(page);
  for (const { path, shown, signedOut } of PAGES) {
    if (signedOut) continue;
    await page.goto(path);
    await shown(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wide, `${path} scrolls sideways`).toBe(false);
  }
});
