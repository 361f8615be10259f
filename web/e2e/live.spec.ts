import { expect, test } from '@playwright/test';
import { sendEvent, unique } from './pages';

test('an event appears by itself, opens, and is found in SQL', async ({ page, request }) => {
  const note = unique('note');
  await page.goto(`/live?contains=${note}`);
  await page.locator('[data-status="live"]').waitFor();
  await sendEvent(request, note, note);
  const row = page.getByRole('region', { name: 'Live rows' }).getByRole('button', { name: new RegExp(note) });
  await row.first().click();
  const drawer = page.getByRole('dialog', { name: 'Row of events' });
  await expect(drawer).toContainText(note);
  await drawer.getByRole('link', { name: 'Find in SQL' }).click();
  await expect(page.getByRole('region', { name: 'Result rows' })).toContainText(note);
});

test('a broken connection goes on where it was: nothing missed, nothing twice', async ({ page, request }) => {
  const note = unique('gap');
  let cut: (() => Promise<void>) | null = null;
  const starts: string[] = [];
  let refuse = false;
  await page.routeWebSocket(/\/v1\/tail/, (socket) => {
    starts.push(new URL(socket.url()).searchParams.get('from') ?? '');
    if (refuse) {
      void socket.close();
      return;
    }
    const server = socket.connectToServer();
    server.onMessage((message) => socket.send(message));
    cut = async () => {
      await server.close();
      await socket.close();
    };
  });
  await page.goto(`/live?contains=${note}`);
  await page.locator('[data-status="live"]').waitFor();
  const rows = page.getByRole('region', { name: 'Live rows' }).locator('[data-offset]');
  await sendEvent(request, `${note}-1`, `${note} one`);
  await expect(rows).toHaveCount(1);

  refuse = true;
  await cut!();
  await expect(page.locator('[data-status="waiting"], [data-status="connecting"]')).toBeVisible();
  await sendEvent(request, `${note}-2`, `${note} two`);
  await sendEvent(request, `${note}-3`, `${note} three`);
  refuse = false;

  await expect(rows).toHaveCount(3, { timeout: 30_000 });
  await expect(rows.nth(0)).toContainText('one');
  await expect(rows.nth(1)).toContainText('two');
  await expect(rows.nth(2)).toContainText('three');
  expect(starts[0]).toBe('latest');
  expect(starts.at(-1)).toMatch(/^\d+$/);
});

test('a pause freezes the list and counts', async ({ page, request }) => {
  const note = unique('pause');
  await page.goto(`/live?contains=${note}`);
  await page.locator('[data-status="live"]').waitFor();
  await sendEvent(request, `${note}-1`, `${note} one`);
  const rows = page.getByRole('region', { name: 'Live rows' }).locator('[data-offset]');
  await expect(rows).toHaveCount(1);
  await page.keyboard.press('p');
  await sendEvent(request, `${note}-2`, `${note} two`);
  await expect(page.getByText('1 waiting')).toBeVisible();
  await expect(rows).toHaveCount(1);
  await page.keyboard.press('p');
  await expect(rows).toHaveCount(2);
});
