// Colours are named in one file only. Finds colour values and palette classes anywhere else.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');
const ALLOWED = 'src/lib/ui/tokens.css';
const PATTERNS = [
  /#[0-9a-f]{3,8}\b(?=["'`;,)\s])/i,
  /\b(?:rgb|rgba|hsl|hsla|oklch|oklab|lab|lch)\(/,
  /\b(?:bg|text|border|fill|stroke|ring|outline|accent|from|to|via)-(?:slate|gray|zinc|neutral|stone|red|orange|amber|yellow|lime|green|emerald|teal|cyan|sky|blue|indigo|violet|purple|fuchsia|pink|rose|black|white)\b/,
  /\b(?:color|background|fill|stroke)\s*[:=]\s*['"]?(?:black|white|red|green|blue|gray|grey|orange|yellow|purple)\b/,
];

const found = [];
for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  const name = relative(root, path);
  if (
    !entry.isFile() ||
    name === ALLOWED ||
    !/\.(svelte|ts|css|html)$/.test(name) ||
    name.endsWith('schema.d.ts')
  )
    continue;
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((line, i) => {
      if (PATTERNS.some((pattern) => pattern.test(line))) found.push(`${name}:${i + 1}: ${line.trim()}`);
    });
}
if (found.length > 0) {
  console.error(`These lines name a colour; use a token of ${ALLOWED}:\n${found.join('\n')}`);
  process.exitCode = 1;
}
