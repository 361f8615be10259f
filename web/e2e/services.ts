import type { APIRequestContext, Page } from '@playwright/test';
import { Checkout, createRepository } from './git';
import { unique } from './pages';

const headers = { authorization: `Bearer ${process.env.TRUNKLINE_TOKEN}` };

type Seen = { serving?: { number: number } | null; deployment?: { state: string; number: number } | null };

/** A service in a repository of its own, whose releases answer with their number. */
export class ServiceUnderTest {
  private constructor(
    readonly name: string,
    private readonly checkout: Checkout,
    private readonly request: APIRequestContext,
  ) {}

  /** Pushes the first release. */
  static async begin(request: APIRequestContext, name: string): Promise<ServiceUnderTest> {
    await createRepository(request, name);
    const made = new ServiceUnderTest(name, await Checkout.of(name), request);
    await made.checkout.commit('begin', made.files(1));
    await made.checkout.git('push', '-q', 'trunk', 'HEAD:trunk');
    return made;
  }

  /** Lands the next release, which goes to half of the requests and waits there. Maybe the one before cannot do with its data. */
  async release(number: number, { contracts = false } = {}): Promise<void> {
    await this.checkout.commit(`release ${number}`, this.files(number, contracts));
    await this.checkout.push();
  }

  private files(number: number, contracts = false): Record<string, string> {
    return {
      'service.toml': `name = "${this.name}"
owner = "@storefront"
[run]
cmd = "node serve.mjs"
[health]
path = "/healthz"
[route]
path = "/${this.name}"
auth = ["none"]
[deploy]
steps = ["50% 10m"]
bake = "10m"
[rollback]
data = "${contracts ? 'contract' : 'expand'}"
`,
      'serve.mjs': `import { createServer } from 'node:http';
createServer((request, response) => response.end('release ${number}')).listen(
  Number(process.env.PORT), '127.0.0.1', () => console.log('release ${number} listens'));
`,
    };
  }

  /** Waits until the platform shows the service so. */
  async until(what: string, fits: (seen: Seen) => boolean): Promise<void> {
    const end = Date.now() + 30_000;
    for (;;) {
      const response = await this.request.get(`/v1/services/${this.name}`, { headers });
      if (response.ok() && fits((await response.json()) as Seen)) return;
      if (Date.now() > end) throw new Error(`${this.name} is not ${what}: ${await response.text()}`);
      await new Promise((wake) => setTimeout(wake, 250));
    }
  }

  serves(number: number): Promise<void> {
    return this.until(`served by release ${number}`, (seen) => seen.serving?.number === number);
  }

  isAt(state: string): Promise<void> {
    return this.until(state, (seen) => seen.deployment?.state === state);
  }

  /** Asks it through the gateway; gives what it answers. */
  async ask(): Promise<string> {
    const response = await this.request.post('/v1/gateway/try', {
      headers,
      data: { method: 'GET', path: `/${this.name}`, headers: [], body: '' },
    });
    if (!response.ok()) throw new Error(`the gateway was not asked: ${await response.text()}`);
    return ((await response.json()) as { body: string }).body;
  }

  remove(): Promise<void> {
    return this.checkout.remove();
  }
}

/** The service whose pages are looked at as a whole. */
const SERVICE = unique('counter');

/** Its pages, with what must be on them before they count as shown. */
export const SERVICE_PAGES: { name: string; path: string; shown: (page: Page) => Promise<void> }[] = [
  {
    name: 'service',
    path: `/services/${SERVICE}`,
    shown: async (page) => {
      await page.getByRole('img', { name: /^Share of errors/ }).waitFor();
      await page.getByRole('region', { name: 'Releases' }).waitFor();
    },
  },
  {
    name: 'service-deployments',
    path: `/services/${SERVICE}?tab=deployments`,
    shown: (page) => page.getByRole('list', { name: 'Deployments' }).waitFor(),
  },
  {
    name: 'service-instances',
    path: `/services/${SERVICE}?tab=instances`,
    shown: (page) => page.getByRole('region', { name: 'Instances' }).waitFor(),
  },
  {
    name: 'service-log',
    path: `/services/${SERVICE}?tab=log`,
    shown: (page) => page.getByText('release 2 listens').waitFor(),
  },
  {
    name: 'service-missing',
    path: '/services/no-such-service',
    shown: (page) => page.getByRole('alert').first().waitFor(),
  },
];

/** Makes the service with a release that serves and one on its way, which have answered. */
export async function prepareService(request: APIRequestContext): Promise<void> {
  const service = await ServiceUnderTest.begin(request, SERVICE);
  await service.serves(1);
  await service.release(2);
  await service.isAt('canary');
  for (let asked = 0; asked < 12; asked++) await service.ask();
  await service.remove();
}
