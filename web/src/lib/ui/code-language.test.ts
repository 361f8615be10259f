import { StringStream } from '@codemirror/language';
import { expect, it } from 'vitest';
import { languageOf, wordParser } from './code-language';

/** The tokens of lines, as `kind:text`. */
function tokens(parser: ReturnType<typeof wordParser>, ...lines: string[]): string[] {
  const state = parser.startState!(2);
  return lines.flatMap((line) => {
    const stream = new StringStream(line, 2, 2);
    const found: string[] = [];
    while (!stream.eol()) {
      stream.start = stream.pos;
      const kind = parser.token(stream, state);
      if (kind) found.push(`${kind}:${stream.current()}`);
    }
    return found;
  });
}

it('finds words, strings, numbers and comments', () => {
  const parser = wordParser({ keywords: 'fn let', types: 'u8', comment: '//', block: true, quotes: '"' });
  expect(tokens(parser, 'fn a() -> u8 { let x = "b\\"c"; 0x1f } // end')).toEqual([
    'keyword:fn',
    'typeName:u8',
    'keyword:let',
    'string:"b\\"c"',
    'number:0x1f',
    'comment:// end',
  ]);
  expect(tokens(parser, '/* one', 'let */ let')).toEqual([
    'comment:/*',
    'comment: one',
    'comment:let */',
    'keyword:let',
  ]);
  expect(tokens(parser, 'a " b')).toEqual([]);
});

it('finds sections and keys', () => {
  const parser = wordParser({ keywords: '', comment: '#', quotes: '"', keys: true });
  expect(tokens(parser, '[package]', 'name = "shop" # why', 'on = true')).toEqual([
    'typeName:[package]',
    'propertyName:name',
    'string:"shop"',
    'comment:# why',
    'propertyName:on',
    'bool:true',
  ]);
});

it('knows languages by the names of files', async () => {
  for (const name of ['a.rs', 'Dockerfile', 'b.ts', 'c.sql', 'd.yaml'])
    expect(await languageOf(name), name).not.toBeNull();
  for (const name of ['LICENSE', 'a.txt', '.gitignore']) expect(await languageOf(name), name).toBeNull();
});
