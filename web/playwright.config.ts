import { defineConfig } from '@playwright/test';
import { launchOptions } from './e2e/browser';

const server = process.env.TRUNKLINE_URL;
if (!server)
  throw new Error('TRUNKLINE_URL must name a running server, and TRUNKLINE_TOKEN an owner token of it');

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // The tests share one server, and some create and delete on it.
  workers: 1,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: { baseURL: server, launchOptions, viewport: { width: 1280, height: 800 }, timezoneId: 'UTC' },
  projects: [
    { name: 'sign in', testMatch: 'session.setup.ts' },
    {
      name: 'console',
      testMatch: '*.spec.ts',
      dependencies: ['sign in'],
      use: { storageState: 'test-results/session.json' },
    },
    {
      name: 'screenshots',
      testMatch: 'screenshots.ts',
      dependencies: ['sign in'],
      use: { storageState: 'test-results/session.json', viewport: { width: 1440, height: 900 } },
    },
  ],
});
