// Serves the build as the binary does: compressed files, and the start page for every address of the console.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
};

createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  // What a test did not answer by a fixture is a mistake of the test.
  if (/^\/(v1|readyz|healthz)\b/.test(pathname)) {
    response.writeHead(501).end();
    return;
  }
  const path = join(dist, normalize(pathname));
  const known = path.startsWith(dist) && extname(pathname) !== '' ? path : join(dist, 'index.html');
  const compressed = existsSync(`${known}.br`);
  if (!compressed && !existsSync(known)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': TYPES[extname(known)] ?? 'application/octet-stream',
    'content-security-policy': "frame-ancestors 'none'",
    ...(compressed ? { 'content-encoding': 'br' } : {}),
  });
  response.end(readFileSync(compressed ? `${known}.br` : known));
}).listen(Number(process.env.MOCK_PORT ?? '4179'), 'localhost');
