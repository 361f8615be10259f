import { defineConfig } from '@playwright/test';
import { launchOptions } from './e2e/browser';

/** Passkeys work on `localhost` without HTTPS, and not on an address. */
const url = `http://localhost:${process.env.MOCK_PORT ?? '4179'}`;

/** Tests of pages whose answers come from fixtures: they need a build in `dist`, and no server. */
export default defineConfig({
  testDir: 'e2e-mock',
  outputDir: 'test-results/mock',
  workers: 1,
  retries: 0,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  reporter: [['list']],
  use: { baseURL: url, launchOptions, viewport: { width: 1280, height: 800 }, timezoneId: 'UTC' },
  webServer: {
    command: 'node e2e-mock/serve.mjs',
    url,
    env: { MOCK_PORT: process.env.MOCK_PORT ?? '4179' },
    reuseExistingServer: false,
  },
  projects: [
    { name: 'mock', testMatch: '*.spec.ts' },
    { name: 'screenshots', testMatch: 'screenshots.ts', use: { viewport: { width: 1440, height: 900 } } },
  ],
});
