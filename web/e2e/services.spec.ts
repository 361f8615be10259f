import { expect, test, type Page } from '@playwright/test';
import { expectAccessible } from './axe';
import { unique } from './pages';
import { ServiceUnderTest } from './services';

async function expectFits(page: Page) {
  await page.setViewportSize({ width: 375, height: 740 });
  const wide = () =>
    page.evaluate(() => {
      const main = document.querySelector('main')!;
      return document.documentElement.scrollWidth > innerWidth || main.scrollWidth > main.clientWidth;
    });
  await expect.poll(wide, { message: `${page.url()} scrolls sideways` }).toBe(false);
  await page.setViewportSize({ width: 1280, height: 800 });
}

test('without a service the page says how one comes to be', async ({ page }) => {
  // The server of the tests may have some.
  await page.route('**/v1/services', (route) => route.fulfill({ json: { services: [] } }));
  await page.goto('/tables');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  await expect(page).toHaveURL(/\/services$/);
  await expect(page.getByRole('heading', { name: 'No service yet' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'service.toml' })).toContainText('[health]');
  await expect(page.getByRole('button', { name: 'Copy service.toml' })).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);
});

test('a service is pushed, held on its way, rolled back and promoted again', async ({ page, request }) => {
  const service = await ServiceUnderTest.begin(request, unique('till'));
  const { name } = service;
  await page.goto('/services');
  const row = page.getByRole('region', { name: 'Services' }).getByRole('row', { name });
  await expect(row).toContainText('Serving', { timeout: 20_000 });
  await expect(row).toContainText('release 1');
  await expect(row).toContainText('@storefront');

  await service.release(2, { contracts: true });
  await service.isAt('canary');
  await expect(row).toContainText('release 2 canary');
  await expect(row).toContainText('50%');
  await expectAccessible(page);
  await expectFits(page);

  await page.keyboard.press('Control+k');
  await page.keyboard.type(`service ${name}`);
  await expect(page.getByRole('option', { name: `Service ${name}` })).toHaveAttribute('data-selected', '');
  await page.keyboard.press('Enter');
  await expect(page).toHaveTitle(`${name} · Trunkline`);
  await expect(page.getByRole('heading', { name: 'On its way: release 2' })).toBeVisible();
  const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem');
  await expect(steps).toHaveText([
    /Files, behind/,
    /Start, behind/,
    /50%, here.*for 10m/,
    /90%, ahead.*for 10m/,
    /100%, ahead/,
  ]);
  await expect(steps.nth(2)).toHaveAttribute('aria-current', 'step');

  const answers = new Set<string>();
  for (let asked = 0; asked < 12; asked++) answers.add(await service.ask());
  expect([...answers].sort()).toEqual(['release 1', 'release 2']);
  const evidence = page.getByRole('region', { name: 'Evidence against release 2' });
  await expect(evidence.getByRole('row', { name: /^errors/ })).toContainText(/0 of [1-9]/, {
    timeout: 20_000,
  });
  await expect(page.getByRole('img', { name: /^Share of errors.*Release 2: 0 of [1-9]/ })).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);

  await page.getByRole('button', { name: 'Hold' }).click();
  await expect(page.getByText('held', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('canary', { exact: true })).toBeVisible();
  const skip = page.getByRole('dialog', { name: 'Skip the rest of this step?' });
  for (const then of ['baking', 'over']) {
    await page.getByRole('button', { name: 'Skip' }).click();
    await skip.getByRole('button', { name: 'Skip' }).click();
    if (then === 'baking') await expect(steps.nth(3)).toHaveAttribute('aria-current', 'step');
  }
  await expect(page.getByRole('heading', { name: /^On its way/ })).toHaveCount(0);
  const releases = page.getByRole('region', { name: 'Releases' });
  await expect(releases.getByRole('row', { name: /^2 serves/ })).toBeVisible();

  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  const back = page.getByRole('dialog', { name: `Roll ${name} back?` });
  await expect(back).toContainText(/From\s*release 2.*To\s*release 1/s);
  await expect(back).toContainText('It takes all requests at once.');
  await expect(back).toContainText('release 2 took away data');
  const confirm = back.getByRole('button', { name: 'Roll back' });
  await expect(confirm).toBeDisabled();
  await back.getByLabel('Roll back all the same').check();
  await back.getByLabel('Why').fill('The till counts twice.');
  await expectAccessible(page);
  await confirm.click();
  await expect(page.getByText('Went back to release 1')).toBeVisible();
  await expect(page.getByText('The till counts twice.')).toBeVisible();
  await expect(releases.getByRole('row', { name: /^1 serves/ })).toBeVisible();
  expect(await service.ask()).toBe('release 1');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Promote again' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click();
  await expect(releases.getByRole('row', { name: /^2 serves/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Promote again' })).toHaveCount(0);
  expect(await service.ask()).toBe('release 2');

  await page.getByRole('button', { name: 'Pin' }).click();
  const pin = page.getByRole('dialog', { name: `Pin ${name}?` });
  await pin.getByLabel('Why').fill('It is a holiday.');
  await pin.getByRole('button', { name: 'Pin' }).click();
  await expect(page.getByText('It is a holiday.')).toBeVisible();
  await page.getByRole('button', { name: 'Unpin' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Unpin' }).click();
  await expect(page.getByText('It is a holiday.')).toHaveCount(0);

  await page.getByRole('link', { name: /^Deployments/ }).click();
  const deployments = page.getByRole('list', { name: 'Deployments' }).getByRole('listitem');
  await expect(deployments.first()).toContainText('release 2 again');
  await expect(deployments.nth(1)).toContainText('The till counts twice.');
  await deployments.nth(2).getByText('Evidence of release 2').click();
  await expect(evidence).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: /^Log/ }).click();
  await expect(page.getByRole('region', { name: 'Lines of the log' })).toContainText('release 2 listens');

  // Who may only look sees no button that would be refused.
  await page.route('**/v1/session', async (route) => {
    const response = await route.fetch();
    const session = (await response.json()) as { principal: Record<string, unknown> };
    const principal = { ...session.principal, role: 'viewer', scopes: ['read'] };
    await route.fulfill({ response, json: { ...session, principal } });
  });
  await page.goto(`/services/${name}`);
  await expect(releases.getByRole('row', { name: /^2 serves/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /Roll back|Pin|Promote/ })).toHaveCount(0);
  await service.remove();
});
