import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible } from './axe';
import { unique } from './pages';

const run = promisify(execFile);

/** A checkout whose remote `trunk` is the repository. */
async function checkout(name: string) {
  const folder = await mkdtemp(join(tmpdir(), 'forge-'));
  const { host } = new URL(process.env.TRUNKLINE_URL ?? '');
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  const git = (...words: string[]) => run('git', [...who, ...words], { cwd: folder });
  await git('init', '-q', '-b', 'trunk');
  await git('remote', 'add', 'trunk', `http://git:${process.env.TRUNKLINE_TOKEN}@${host}/git/${name}`);
  const commit = async (message: string, files: Record<string, string>) => {
    for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content);
    await git('add', '-A');
    await git('commit', '-q', '-m', message);
  };
  return { git, commit };
}

async function make(page: Page, name: string) {
  await page.goto('/repositories');
  await page.getByRole('button', { name: 'Create repository' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create a repository' });
  await dialog.getByLabel('Name').fill(name.toUpperCase());
  await expect(dialog.getByText('Small letters')).toBeVisible();
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page).toHaveURL(new RegExp(`/repositories/${name}$`));
}

test('a change is pushed, read, commented on and lands', async ({ page }) => {
  const name = unique('shop');
  await make(page, name);
  const { git, commit } = await checkout(name);
  await commit('begin', { 'README.md': '# The shop\n', 'a.txt': 'one\ntwo\nthree\n' });
  await git('push', '-q', 'trunk', 'HEAD:trunk');
  await page.reload();
  await expect(page.getByRole('heading', { name: 'The shop' })).toBeVisible();
  await page.getByRole('link', { name: 'a.txt' }).click();
  await page.getByRole('button', { name: 'Blame' }).click();
  await expect(page.getByText('Ada,').first()).toBeVisible();
  await expectAccessible(page);

  // What stays the same of a change is the second in which it was written.
  await new Promise((wake) => setTimeout(wake, 1_100));
  await commit('count further', { 'a.txt': 'one\ntwo\nfour\n' });
  await git('push', '-q', '-o', 'ask', 'trunk', 'HEAD:refs/for/trunk');
  await page.goto(`/repositories/${name}?tab=changes`);
  await page.getByRole('region', { name: 'Changes' }).getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('count further');
  const file = page.getByRole('region', { name: 'Lines of a.txt' });
  await expect(file).toContainText('four');
  await file.getByRole('button', { name: 'Comment on line 3 of a.txt, new side' }).click();
  await file.getByRole('textbox').fill('why four?');
  await file.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(file.getByText('why four?')).toBeVisible();
  await file.getByRole('button', { name: 'Resolve' }).click();
  await expect(file.getByText(', resolved')).toBeVisible();
  await page.keyboard.press('j');
  await expect(page.locator('details[data-file="a.txt"] > summary')).toBeFocused();
  await expectAccessible(page);

  // Nothing has to run for it, so it lands as soon as nobody holds it back.
  await git('commit', '-q', '--amend', '--no-edit', '-m', 'count further');
  await git('push', '-q', 'trunk', 'HEAD:refs/for/trunk');
  await expect(page.getByText('landed', { exact: true })).toBeVisible({ timeout: 20_000 });
  await page.goto(`/repositories/${name}?tab=history`);
  await expect(page.getByRole('region', { name: 'Commits' }).getByRole('row')).toHaveCount(3);
  await page.goto(`/repositories/${name}?tab=queue`);
  await expect(page.getByText('Nothing is in the queue.')).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('The queue is paused')).toBeVisible();
  await expectAccessible(page);
});

test('a change that breaks something shows the log of its task', async ({ page }) => {
  const name = unique('tools');
  await make(page, name);
  const { git, commit } = await checkout(name);
  const service = (command: string) => `name = "tools"\n[test]\ncmd = "${command}"\n`;
  await commit('begin', { 'service.toml': service('true') });
  await git('push', '-q', 'trunk', 'HEAD:trunk');
  await new Promise((wake) => setTimeout(wake, 1_100));
  await commit('break it', {
    'service.toml': service("printf '\\\\033[31mit is broken\\\\033[0m\\\\n'; exit 3"),
  });
  await expect(git('push', '-q', 'trunk', 'HEAD:refs/for/trunk')).rejects.toThrow('fails with it');
  await page.goto('/changes?state=refused');
  await page.getByRole('row').filter({ hasText: name }).getByRole('link').first().click();
  await expect(page.getByRole('status').filter({ hasText: 'TL-LANDING-001' })).toBeVisible();
  await page.getByRole('region', { name: 'Runs of tasks' }).getByRole('link').first().click();
  await expect(page.getByRole('region', { name: 'Log' })).toContainText('it is broken');
  await expect(page.locator('.text-danger', { hasText: 'it is broken' })).toBeVisible();
  await expectAccessible(page);
});
