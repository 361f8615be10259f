import { StreamLanguage, type LanguageSupport, type StreamParser } from '@codemirror/language';
import type { Extension } from '@codemirror/state';

type Words = {
  keywords: string;
  types?: string;
  values?: string;
  /** What begins a comment to the end of its line. */
  comment: string;
  /** Whether there are comments between slashes and stars. */
  block?: boolean;
  /** Quotes that may go over lines. */
  long?: string[];
  /** Quotes of strings on one line. */
  quotes?: string;
  /** Whether a name before `=` at the begin of a line is a key, and `[name]` a section. */
  keys?: boolean;
};

type State = { inside: string | null };

const set = (words = '') => new Set(words.split(' ').filter((word) => word !== ''));

/**
 * A language by its words, comments and strings: enough to read it. For these languages no parser is at hand, and one more
 * package for each would be more than reading needs.
 */
export function wordParser(words: Words): StreamParser<State> {
  const keywords = set(words.keywords);
  const types = set(words.types);
  const values = set(words.values ?? 'true false');
  const quotes = words.quotes ?? '"';
  const long = words.long ?? [];
  return {
    startState: () => ({ inside: null }),
    token(stream, state) {
      if (state.inside !== null) {
        const end = state.inside;
        if (stream.skipTo(end)) {
          stream.match(end);
          state.inside = null;
        } else stream.skipToEnd();
        return end === '*/' ? 'comment' : 'string';
      }
      if (stream.eatSpace()) return null;
      if (stream.match(words.comment)) {
        stream.skipToEnd();
        return 'comment';
      }
      if (words.block && stream.match('/*')) {
        state.inside = '*/';
        return 'comment';
      }
      for (const quote of long) {
        if (stream.match(quote)) {
          state.inside = quote;
          return 'string';
        }
      }
      const first = stream.peek() ?? '';
      if (quotes.includes(first)) {
        // A quote without its end is a lifetime, an apostrophe or the like.
        const text = new RegExp(`^${first}(?:[^${first}\\\\]|\\\\.)*${first}`);
        if (stream.match(text)) return 'string';
        stream.next();
        return null;
      }
      if (words.keys && stream.sol() && stream.match(/^\[{1,2}[^\]]*\]{1,2}/)) return 'typeName';
      if (words.keys && stream.match(/^[\w.-]+(?=\s*=)/)) return 'propertyName';
      if (stream.match(/^0[xob][\da-f_]+|^\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?/i)) return 'number';
      if (stream.match(/^[A-Za-z_$][\w$]*/)) {
        const word = stream.current();
        if (keywords.has(word)) return 'keyword';
        if (values.has(word)) return 'bool';
        if (types.has(word) || (!words.keys && /^[A-Z]\w*[a-z]/.test(word))) return 'typeName';
        return null;
      }
      stream.next();
      return null;
    },
  };
}

const C_LIKE = { comment: '//', block: true, quotes: '"\'' };

const WORDS: Record<string, Words> = {
  rust: {
    ...C_LIKE,
    quotes: '"',
    keywords:
      'as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait type union unsafe use where while',
    types: 'bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize',
  },
  go: {
    ...C_LIKE,
    long: ['`'],
    keywords:
      'break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var',
    types: 'any bool byte error float32 float64 int int32 int64 rune string uint uint32 uint64',
    values: 'true false nil iota',
  },
  python: {
    comment: '#',
    long: ['"""', "'''"],
    quotes: '"\'',
    keywords:
      'and as assert async await break class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield',
    values: 'True False None',
  },
  c: {
    ...C_LIKE,
    keywords:
      'abstract auto break case catch class const constexpr continue default delete do else enum export extends extern final finally for friend goto if implements import inline instanceof interface internal namespace new operator override package private protected public record return sealed sizeof static struct super switch template this throw throws try typedef typename union using val var virtual void volatile when while',
    types: 'bool boolean byte char double float int long short signed string unsigned',
    values: 'true false null nullptr NULL',
  },
  proto: {
    ...C_LIKE,
    keywords:
      'enum extend extensions import message oneof option optional package public repeated reserved returns rpc service stream syntax to',
    types: 'bool bytes double fixed32 fixed64 float int32 int64 map sint32 sint64 string uint32 uint64',
  },
  shell: {
    comment: '#',
    quotes: '"\'',
    keywords:
      'case do done elif else esac exit export fi for function if in local readonly return set shift then trap unset until while',
  },
  ruby: {
    comment: '#',
    quotes: '"\'',
    keywords:
      'alias and begin break case class def do else elsif end ensure for if in module next not or redo rescue retry return self super then undef unless until when while yield',
    values: 'true false nil',
  },
  toml: { comment: '#', long: ['"""', "'''"], quotes: '"\'', keywords: '', keys: true },
  docker: {
    comment: '#',
    quotes: '"\'',
    keywords:
      'ADD ARG AS CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR',
  },
};

const BY_EXTENSION: Record<string, string> = {
  rs: 'rust',
  go: 'go',
  py: 'python',
  pyi: 'python',
  c: 'c',
  h: 'c',
  cc: 'c',
  cpp: 'c',
  hpp: 'c',
  cs: 'c',
  java: 'c',
  kt: 'c',
  swift: 'c',
  proto: 'proto',
  sh: 'shell',
  bash: 'shell',
  zsh: 'shell',
  mk: 'shell',
  rb: 'ruby',
  toml: 'toml',
  lock: 'toml',
  ini: 'toml',
  cfg: 'toml',
  conf: 'toml',
  cedar: 'c',
  tf: 'toml',
};
const BY_NAME: Record<string, string> = {
  Dockerfile: 'docker',
  Containerfile: 'docker',
  Makefile: 'shell',
  justfile: 'shell',
  Gemfile: 'ruby',
  Rakefile: 'ruby',
};

/** The language of a file by its name; nothing where none is known. Each parser is loaded when it is needed first. */
export async function languageOf(name: string): Promise<Extension | null> {
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
  const parsed = await parserOf(extension);
  if (parsed) return parsed;
  const words = BY_NAME[name] ?? BY_EXTENSION[extension];
  return words ? StreamLanguage.define(wordParser(WORDS[words]!)) : null;
}

async function parserOf(extension: string): Promise<LanguageSupport | null> {
  switch (extension) {
    case 'js':
    case 'mjs':
    case 'cjs':
    case 'jsx':
      return (await import('@codemirror/lang-javascript')).javascript({ jsx: true });
    case 'ts':
    case 'mts':
    case 'cts':
      return (await import('@codemirror/lang-javascript')).javascript({ typescript: true });
    case 'tsx':
      return (await import('@codemirror/lang-javascript')).javascript({ typescript: true, jsx: true });
    case 'json':
    case 'jsonc':
    case 'webmanifest':
      return (await import('@codemirror/lang-json')).json();
    case 'css':
    case 'scss':
      return (await import('@codemirror/lang-css')).css();
    case 'html':
    case 'htm':
    case 'svelte':
    case 'vue':
      return (await import('@codemirror/lang-html')).html();
    case 'xml':
    case 'svg':
    case 'xsd':
      return (await import('@codemirror/lang-xml')).xml();
    case 'yaml':
    case 'yml':
      return (await import('@codemirror/lang-yaml')).yaml();
    case 'sql':
      return (await import('@codemirror/lang-sql')).sql();
    default:
      return null;
  }
}
