import type { APIRequestContext, Page } from '@playwright/test';
import { Checkout, createRepository } from './git';
import { unique } from './pages';

/** The repository whose pages are looked at as a whole. */
export const REPOSITORY = unique('shop');

const home = `/repositories/${REPOSITORY}`;

/** Its pages, with what must be on them before they count as shown. The numbers of its changes and runs are not known before, so links lead there. */
export const FORGE_PAGES: { name: string; path: string; shown: (page: Page) => Promise<void> }[] = [
  {
    name: 'repository-files',
    path: home,
    shown: (page) => page.getByRole('heading', { name: 'The shop' }).waitFor(),
  },
  {
    name: 'repository-file',
    path: `${home}?path=src%2Fmain.rs#L2`,
    shown: (page) => page.locator('.cm-chosen').waitFor(),
  },
  {
    name: 'repository-blame',
    path: `${home}?path=src%2Fmain.rs&view=blame`,
    shown: (page) => page.getByRole('link', { name: /^Ada, .*: begin$/ }).waitFor(),
  },
  {
    name: 'repository-history',
    path: `${home}/history`,
    shown: (page) => page.getByRole('link', { name: 'begin' }).waitFor(),
  },
  {
    name: 'repository-commit',
    path: `${home}/history`,
    shown: async (page) => {
      await page.getByRole('link', { name: 'begin' }).click();
      await page.getByRole('region', { name: 'Lines of src/main.rs' }).waitFor();
    },
  },
  {
    name: 'repository-changes',
    path: `${home}/changes`,
    shown: (page) => page.getByRole('link', { name: /say what it costs/ }).waitFor(),
  },
  {
    name: 'repository-queue',
    path: `${home}/queue`,
    shown: (page) => page.getByRole('region', { name: 'Lanes' }).waitFor(),
  },
  {
    name: 'change',
    path: `/changes?repository=${REPOSITORY}&state=open`,
    shown: async (page) => {
      await page.getByRole('link', { name: /say what it costs/ }).click();
      await page.getByRole('region', { name: 'Lines of src/main.rs' }).waitFor();
    },
  },
  {
    name: 'repository-delivery',
    path: `/delivery?days=7&repository=${REPOSITORY}`,
    shown: (page) => page.getByRole('img', { name: /^Lead time by day/ }).waitFor(),
  },
  {
    name: 'repository-runs',
    path: `/runs?repository=${REPOSITORY}`,
    shown: (page) => page.getByRole('rowheader').first().waitFor(),
  },
  {
    name: 'run',
    path: `/runs?repository=${REPOSITORY}`,
    shown: async (page) => {
      await page.getByRole('rowheader').getByRole('link').first().click();
      await page.getByText(`of ${REPOSITORY} are green`).waitFor();
    },
  },
];

const MAIN = [
  'pub struct Item {',
  '    name: String,',
  '}',
  '',
  'fn main() {',
  '    println!("open");',
  '}',
  '',
];

/** A repository with a change that landed by its task, one that waits for a review and has a comment, and one in a queue that is paused. */
export async function prepareRepository(request: APIRequestContext): Promise<void> {
  await createRepository(request, REPOSITORY);
  const checkout = await Checkout.of(REPOSITORY);
  // What ran green is never run again, so it must be a task that no other run of the tests had.
  const command = `printf '\\\\033[1;32m12 tests\\\\033[0m of ${REPOSITORY} are green\\\\n'`;
  const service = `name = "shop"\n[test]\ncmd = "${command}"\n`;
  await checkout.commit('begin', {
    'README.md': '# The shop\n\nWhat is sold, and to whom.\n',
    'src/main.rs': MAIN.join('\n'),
    'docs/guide.md': '# Guide\n',
  });
  await checkout.git('push', '-q', 'trunk', 'HEAD:trunk');
  await checkout.commit('test it', { 'service.toml': service });
  await checkout.push();
  const landed = await checkout.git('rev-parse', 'HEAD');

  await checkout.commit('say what it costs\n\nNobody buys without it.', {
    'src/main.rs': MAIN.toSpliced(2, 0, '    price: u64,').join('\n'),
  });
  const number = await checkout.push('ask');
  const headers = { authorization: `Bearer ${process.env.TRUNKLINE_TOKEN}` };
  const data = { text: 'In **cents**?', path: 'src/main.rs', line: 3 };
  await request.post(`/v1/changes/${number}/comments`, { headers, data });

  await request.patch(`/v1/repositories/${REPOSITORY}/queue`, { headers, data: { paused: true } });
  await checkout.git('reset', '-q', '--hard', landed.trim());
  await checkout.commit('write more', { 'docs/guide.md': '# Guide\n\nMore.\n' });
  await checkout.push('no-wait');
  await checkout.remove();
}
