import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';

const folder = join(process.env.TRUNKLINE_DATA_DIR ?? '', 'workspace');
const files = {
  routes: join(folder, 'gateway/e2e.toml'),
  document: join(folder, 'apis/e2e-shop/openapi.yaml'),
};
const asked: string[] = [];
let shop: Server;

test.beforeAll(async () => {
  shop = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.cookie ?? ''}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ item: 'lamp', who: request.headers['x-trunkline-name'] ?? 'nobody' }));
  });
  await new Promise<void>((listening) => shop.listen(0, '127.0.0.1', listening));
  const { port } = shop.address() as AddressInfo;
  for (const [path, text] of [
    [
      files.document,
      `openapi: 3.1.0
info: { title: The shop of the tests, version: 1.0.0 }
paths:
  /e2e-orders:
    get: { operationId: listOrders, summary: Lists the orders, responses: { '200': { description: The orders. } } }
`,
    ],
    [
      files.routes,
      `[[upstream]]
name = "e2e-shop"
targets = [{ url = "http://127.0.0.1:${port}" }]

[[route]]
name = "e2e-orders"
path = "/e2e-orders"
upstream = "e2e-shop"
auth = ["key", "session"]
contract = { service = "e2e-shop", mode = "enforce" }
`,
    ],
  ] as const) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
});

test.afterAll(async () => {
  for (const path of Object.values(files)) rmSync(path);
  await new Promise((closed) => shop.close(closed));
});

test('a documented request is tried through the gateway, as the reader', async ({ page }) => {
  await expect(async () => {
    await page.goto('/portal');
    await expect(page.getByRole('link', { name: 'e2e-shop' })).toBeVisible({ timeout: 500 });
  }).toPass();
  await page.getByRole('link', { name: 'e2e-shop' }).click();
  await page
    .getByRole('button', { name: /test request/i })
    .first()
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /send/i }).first().click();
  await expect(dialog.getByText('200').first()).toBeVisible();
  await expect(dialog.getByText('lamp').first()).toBeVisible();
  // The reader's session opened the route, and stayed at the gateway.
  expect(asked).toEqual(['GET /e2e-orders ']);
});
