import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the server. */
const server = process.env.TRUNKLINE_URL ?? 'http://127.0.0.1:7070';
const toServer = { target: server, ws: true };

/**
 * The API reference brings a `<main>` of its own, but a page may have only one and the console's is around it. With its
 * label, a `<section>` is a region. A release in which the element is elsewhere fails the build instead of a reader.
 */
function oneMain(): Plugin {
  return {
    name: 'one-main',
    transform(code, id) {
      if (!id.includes('/@scalar/api-reference/dist/components/ApiReference.vue.script.js')) return;
      const changed = code.replaceAll('createElementVNode("main"', 'createElementVNode("section"');
      if (changed === code) this.error('the <main> of the API reference was not found');
      return { code: changed, map: null };
    },
  };
}

export default defineConfig({
  plugins: [oneMain(), tailwindcss(), sveltekit()],
  build: { target: 'es2022', assetsInlineLimit: 0 },
  server: {
    // The server checks Origin against Host, so the proxy must keep the Host of the browser.
    proxy: { '/v1': toServer, '/openapi.json': toServer, '/readyz': toServer, '/healthz': toServer },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
