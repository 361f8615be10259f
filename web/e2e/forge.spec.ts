import { expect, test, type Page } from '@playwright/test';
import { expectAccessible } from './axe';
import { Checkout, createRepository, otherToken } from './git';
import { unique } from './pages';

/** An image of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const MAIN = 'pub struct Item {\n    price: u64,\n}\n';
const NUMBERS = Array.from({ length: 60 }, (_, i) => `line ${i + 1}`);

const words = (changed: Record<number, string> = {}) =>
  `${NUMBERS.map((line, i) => changed[i + 1] ?? line).join('\n')}\n`;

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

test('a repository of the forge is made in the console and says how to begin', async ({ page }) => {
  const name = unique('made');
  await page.goto('/repositories');
  await page.getByRole('button', { name: 'Create repository' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create a repository' });
  await dialog.getByLabel('Name').fill('Not-A-Name');
  await expect(dialog.getByText(/^Small letters/)).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Create', exact: true })).toBeDisabled();
  await expectAccessible(page);
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Description').fill('What is sold');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/repositories/${name}$`));
  await expect(page.getByRole('heading', { name: 'Nothing was pushed yet' })).toBeVisible();
  const begin = page.getByRole('region', { name: 'command line' });
  await expect(begin).toContainText(`git remote add trunk ${new URL(page.url()).origin}/git/${name}`);
  await expect(begin).toContainText('git push trunk HEAD:trunk');
  await expectAccessible(page);
  await page.goto('/repositories?create=repository');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
});

test('files, blame and history of a repository of the forge', async ({ page, request }) => {
  const name = unique('files');
  await createRepository(request, name);
  const checkout = await Checkout.of(name);
  await checkout.commit('begin', {
    'README.md': '# The shop\n\nRead [the guide](docs/guide.md).\n',
    'docs/guide.md': '# Guide\n',
    'src/main.rs': MAIN,
    'logo.png': PIXEL,
    'blob.bin': Buffer.from([0xff, 0xfe, 0x00, 0x01]),
  });
  await checkout.git('push', '-q', 'trunk', 'HEAD:trunk');

  await page.goto(`/repositories/${name}`);
  const files = page.getByRole('region', { name: 'Files' });
  const inOrder = ['docs', 'src', 'README.md', 'blob.bin', 'logo.png'];
  await expect(files.getByRole('rowheader')).toHaveText(inOrder);
  await expect(page.getByRole('heading', { name: 'The shop' })).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);
  await page.getByRole('link', { name: 'the guide' }).click();
  await expect(page).toHaveURL(/path=docs%2Fguide\.md/);
  await page.getByRole('navigation', { name: 'Path' }).getByRole('link', { name }).click();

  await files.getByRole('link', { name: 'src' }).click();
  await files.getByRole('link', { name: 'main.rs' }).click();
  const code = page.getByRole('textbox', { name: 'Lines of src/main.rs' });
  await expect(code).toContainText('pub struct Item');
  await page.getByLabel('Line', { exact: true }).fill('2');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#L2$/);
  await expect(page.locator('.cm-chosen')).toHaveText('    price: u64,');
  await page.getByRole('button', { name: 'Blame' }).click();
  await expect(page.getByRole('link', { name: /^Ada, .*: begin$/ })).toBeVisible();
  await page.reload();
  await expect(page.locator('.cm-chosen')).toHaveText('    price: u64,');
  await expectAccessible(page);
  await expectFits(page);

  await page.getByRole('link', { name: /^Ada, .*: begin$/ }).click();
  await expect(page.getByRole('heading', { name: 'begin' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Lines of src/main.rs' })).toContainText('price: u64');
  await expectAccessible(page);
  await expectFits(page);

  await page.goto(`/repositories/${name}?path=logo.png`);
  await expect(page.getByRole('img', { name: 'logo.png' })).toBeVisible();
  await expectAccessible(page);
  await page.goto(`/repositories/${name}?path=blob.bin`);
  await expect(page.getByText(/^It is no text/)).toBeVisible();
  await page.goto(`/repositories/${name}?path=no/such`);
  await expect(page.getByRole('alert')).toBeVisible();

  await page.goto(`/repositories/${name}/history?path=src`);
  const commits = page.getByRole('region', { name: 'Commits' });
  await expect(commits.getByRole('rowheader')).toHaveText(['begin']);
  await expectAccessible(page);
  await expectFits(page);
  await commits.getByRole('link', { name: /^Files/ }).click();
  await expect(page).toHaveURL(/revision=[0-9a-f]{40}&path=src/);
  await expect(files.getByRole('link', { name: 'main.rs' })).toBeVisible();
  await checkout.remove();
});

test('a change of the forge is reviewed by keyboard and lands', async ({ page, request }) => {
  const name = unique('review');
  await createRepository(request, name);
  const checkout = await Checkout.of(name);
  await checkout.commit('begin', { 'a.txt': words(), 'b.txt': 'one\n', 'old.txt': words() });
  await checkout.git('push', '-q', 'trunk', 'HEAD:trunk');
  await checkout.git('mv', 'old.txt', 'new.txt');
  const changed = words({ 3: 'line three', 50: 'line fifty' });
  await checkout.commit('count in words', { 'a.txt': changed, 'b.txt': 'one\ntwo\n' });
  const number = await checkout.push('ask');

  await page.goto(`/repositories/${name}/changes`);
  const list = page.getByRole('region', { name: 'Changes' });
  await list.getByRole('link', { name: /count in words/ }).click();
  await expect(page).toHaveURL(new RegExp(`/changes/${number}$`));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${number}: count in words`);
  await expect(page.getByText(/^3 files\b/)).toBeVisible();
  await expect(page.getByText('moved from old.txt')).toBeVisible();
  const file = page.getByRole('region', { name: 'Lines of a.txt' });
  await expect(file).toContainText('line three');
  await expectAccessible(page);
  await expectFits(page);

  // Files, then hunks, then a line of one.
  await page.keyboard.press('j');
  await expect(page.locator('[data-file="a.txt"] > summary')).toBeFocused();
  await page.keyboard.press('j');
  await expect(page.locator('[data-file="b.txt"] > summary')).toBeFocused();
  await page.keyboard.press('k');
  await page.keyboard.press('n');
  await expect(file.getByRole('button', { name: /^Comment on line 3, removed: line 3/ })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(file.getByRole('button', { name: /^Comment on line 3, added: line three/ })).toBeFocused();
  await page.keyboard.press('c');
  await expect(page.getByRole('textbox', { name: 'Comment on line 3 of a.txt' })).toBeFocused();
  // Here the keys are letters: they approve nothing and walk nowhere.
  await page.keyboard.type('jar npc: **why** words?');
  await expectAccessible(page);
  await page.keyboard.press('Control+Enter');
  await expect(file.getByText('why', { exact: true })).toBeVisible();
  await expect(file.getByRole('button', { name: /^Comment on line 3, added/ })).toBeFocused();
  await file.getByRole('button', { name: 'Reply' }).click();
  await file.getByRole('textbox').fill('They are nicer.');
  await file.getByRole('button', { name: 'Answer' }).click();
  await expect(file.getByText('They are nicer.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Comment on the change' }).fill('In general fine.');
  await page.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(page.getByText('In general fine.')).toBeVisible();
  await file.getByRole('button', { name: 'Resolve' }).click();
  await expect(file.getByText(/^Resolved of you/)).toBeVisible();
  await expectAccessible(page);

  // A way to a place begins with g, so its second key asks for nothing.
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toContainText('In a change: approve it');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await expect(page).toHaveURL(/\/repositories$/);
  await page.goto(`/changes/${number}`);
  await expect(page.getByRole('button', { name: 'Ask for changes' })).toBeVisible();
  await expect(page.getByText('Asked for changes')).toHaveCount(0);
  // Who pushed a change does not approve it.
  await expect(page.getByRole('button', { name: 'Approve' })).toHaveCount(0);

  // Its next revision is compared with the first, and its comments are of the first.
  await checkout.write({ 'b.txt': 'one\ntwo\nthree\n' });
  await checkout.git('commit', '-q', '-a', '--amend', '--no-edit');
  await checkout.push('ask');
  await page.goto(`/changes/${number}?old=1`);
  await expect(page.getByText(/^1 file\b/)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Lines of b.txt' })).toContainText('three');
  await expect(page.getByRole('heading', { name: 'On lines that are not shown here' })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('to', { exact: true }).selectOption('1');
  await expect(page).toHaveURL(new RegExp(`/changes/${number}\\?new=1$`));
  await expect(page.getByText(/^3 files\b/)).toBeVisible();

  // Pushed as another commit and to be shipped, nothing holds it back; the very same one would stay as it was asked for.
  await checkout.git('commit', '-q', '--amend', '-m', 'count in words, and three');
  await checkout.push('ship');
  await page.goto(`/changes/${number}`);
  await expect(page.getByText('Landed as')).toBeVisible({ timeout: 20_000 });
  await checkout.remove();
});

test('a stack of the forge that somebody else pushed is held by one key and approved by another', async ({
  page,
  request,
}) => {
  const name = unique('asked');
  await createRepository(request, name);
  const checkout = await Checkout.of(name, await otherToken(request, name));
  await checkout.commit('begin', { 'a.txt': 'one\n' });
  await checkout.git('push', '-q', 'trunk', 'HEAD:trunk');
  await checkout.commit('two', { 'a.txt': 'one\ntwo\n' });
  await checkout.commit('three', { 'b.txt': 'three\n' });
  const top = await checkout.push('ask');
  await page.goto(`/changes/${top}`);
  await expect(page.getByText('Stack, the lowest first')).toBeVisible();
  await page.getByRole('link', { name: String(top - 1), exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${top - 1}: two`);
  await expect(page.getByRole('region', { name: 'Lines of a.txt' })).toContainText('two');
  await page.keyboard.press('r');
  await expect(page.getByText('Asked for changes', { exact: true })).toBeVisible();
  await page.keyboard.press('a');
  await expect(page.getByText('Approved', { exact: true })).toBeVisible();
  await expect(page.getByText('Asked for changes', { exact: true })).toHaveCount(0);
  await expect(page.getByText('Landed as')).toBeVisible({ timeout: 20_000 });
  await expectAccessible(page);
  await page.goto(`/changes/${top}`);
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByText('Landed as')).toBeVisible({ timeout: 20_000 });
  await checkout.remove();
});

test('a change of the forge is abandoned, and the queue is paused', async ({ page, request }) => {
  const name = unique('queue');
  await createRepository(request, name);
  const checkout = await Checkout.of(name);
  await checkout.commit('begin', { 'a.txt': 'one\n' });
  await checkout.git('push', '-q', 'trunk', 'HEAD:trunk');
  await page.goto(`/repositories/${name}/queue`);
  await expect(page.getByText(/^Nothing is in the queue/)).toBeVisible();
  await page.getByRole('button', { name: 'Pause the queue' }).click();
  const confirm = page.getByRole('dialog', { name: 'Pause the queue?' });
  await confirm.getByLabel('Reason').fill('the tests want to look');
  await expectAccessible(page);
  await confirm.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByText('queue paused')).toBeVisible();
  await expect(page.getByText('“the tests want to look”')).toBeVisible();

  await checkout.commit('two', { 'a.txt': 'two\n' });
  const number = await checkout.push('no-wait');
  const lane = page.getByRole('region', { name: 'Lanes' });
  await expect(lane.getByRole('link', { name: `change ${number}` })).toBeVisible();
  await expect(lane.getByText('the queue is paused')).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);
  await lane.getByRole('link', { name: `change ${number}` }).click();
  await page.getByRole('button', { name: 'Abandon' }).click();
  const sure = page.getByRole('dialog', { name: `Abandon change ${number}?` });
  await sure.getByRole('button', { name: 'Abandon' }).click();
  await expect(page.getByText('abandoned', { exact: true })).toBeVisible();
  await page.goto(`/changes?state=abandoned&repository=${name}`);
  await expect(page.getByRole('region', { name: 'Changes' }).getByRole('rowheader')).toHaveCount(1);
  await expectAccessible(page);
  await expectFits(page);
  await page.getByLabel('State').selectOption('landed');
  await expect(page.getByRole('heading', { name: 'No change fits' })).toBeVisible();
  await page.goto(`/repositories/${name}/queue`);
  await page.getByRole('button', { name: 'Resume the queue' }).click();
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(page.getByText('Landing', { exact: true })).toBeVisible();
  await checkout.remove();
});

test('a change of the forge that breaks something shows the log of its task', async ({ page, request }) => {
  const name = unique('tools');
  await createRepository(request, name);
  const checkout = await Checkout.of(name);
  const service = (command: string) => `name = "tools"\n[test]\ncmd = "${command}"\n`;
  await checkout.commit('begin', { 'service.toml': service('true') });
  await checkout.git('push', '-q', 'trunk', 'HEAD:trunk');
  await checkout.commit('break it', {
    'service.toml': service("printf '\\\\033[31mit is <b>broken</b>\\\\033[0m\\\\n'; exit 3"),
  });
  const refused = await checkout.push().catch((error: Error & { stderr?: string }) => error.stderr ?? '');
  expect(String(refused)).toContain('fails with it');
  await page.goto(`/changes?state=refused&repository=${name}`);
  await page.getByRole('region', { name: 'Changes' }).getByRole('link').first().click();
  const why = page.getByRole('status').filter({ hasText: 'Why it did not land' });
  await expect(why).toContainText('TL-LANDING-001');
  await expect(page.getByRole('button', { name: 'Land again' })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('region', { name: 'Runs of tasks' }).getByRole('link').first().click();
  await expect(page).toHaveURL(/\/runs\/.+/);
  // Its colours are colours, and what looks like HTML is text.
  const line = page.getByRole('region', { name: 'Log' }).getByText('it is <b>broken</b>', { exact: true });
  await expect(line).toBeVisible();
  await expect(line).toHaveAttribute('style', /var\(--danger\)/);
  await page.getByRole('button', { name: 'Wrap' }).click();
  await expect(page.getByRole('button', { name: 'Wrap' })).toHaveAttribute('aria-pressed', 'true');
  await expectAccessible(page);
  await expectFits(page);
  await page.getByRole('link', { name: `Runs of ${name}` }).click();
  await expect(page).toHaveURL(new RegExp(`/runs\\?repository=${name}$`));
  await expect(page.getByRole('region', { name: 'Runs of tasks' }).getByRole('rowheader')).not.toHaveCount(0);
  await expectAccessible(page);
  await expectFits(page);
  await checkout.remove();
});
