import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the server. */
const server = process.env.TRUNKLINE_URL ?? 'http://127.0.0.1:7070';
const toServer = { target: server, ws: true };

export default defineConfig({
  plugins: [tailwindcss(), sveltekit()],
  build: { target: 'es2022', assetsInlineLimit: 0 },
  server: {
    // The server checks Origin against Host, so the proxy must keep the Host of the browser.
    proxy: { '/v1': toServer, '/openapi.json': toServer, '/readyz': toServer, '/healthz': toServer },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
