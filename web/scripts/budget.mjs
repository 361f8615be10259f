// Holds the size of what a browser must fetch before the first page shows. Kit's manifest says which files those are.
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

/** Brotli bytes: script and style of the shell and any one page before its lazy parts. */
const LIMIT = 120 * 1024;
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const manifestPath = fileURLToPath(
  new URL('../.svelte-kit/output/client/.vite/manifest.json', import.meta.url),
);
const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));

/** The files that an entry loads at once: itself, its static imports and their styles. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

function filesOf(keys) {
  const files = new Set();
  for (const key of keys) {
    const chunk = manifest[key];
    if (chunk.file.endsWith('.js')) files.add(chunk.file);
    for (const style of chunk.css ?? []) files.add(style);
  }
  return files;
}

const size = (files) => [...files].reduce((sum, file) => sum + statSync(`${dist}/${file}.br`).size, 0);
const html = brotliDecompressSync(readFileSync(`${dist}/index.html.br`)).toString();
const entries = Object.keys(manifest).filter((key) => manifest[key].isEntry);
const nodes = entries.filter((key) => /generated\/client-optimized\/nodes\//.test(key));
const start = entries.filter((key) => !nodes.includes(key));
// Nodes 0 and 1 are the root layout and the error page, 2 the layout of the signed-in pages.
const number = (key) => Number(/nodes\/(\d+)\.js$/.exec(key)?.[1]);
const shared = [...start, ...nodes.filter((key) => number(key) <= 2)];
const base = new Set(shared.flatMap((key) => [...closure(key)]));
let failed = !html.includes('__sveltekit_');
if (failed) console.error('index.html does not start the app');
for (const key of nodes.filter((one) => number(one) > 2)) {
  const total = size(filesOf(new Set([...base, ...closure(key)])));
  const over = total > LIMIT;
  failed ||= over;
  console.log(
    `page ${String(number(key)).padStart(2)}: ${(total / 1024).toFixed(1)} kB brotli${over ? `, more than ${LIMIT / 1024}` : ''}`,
  );
}
process.exitCode = failed ? 1 : 0;
