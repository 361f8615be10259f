/** The types of images that a browser shows. */
const IMAGES: Record<string, string> = {
  avif: 'image/avif',
  bmp: 'image/bmp',
  gif: 'image/gif',
  ico: 'image/x-icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  webp: 'image/webp',
};

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function folderOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '' : path.slice(0, at);
}

export function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

export function extensionOf(path: string): string {
  const name = baseName(path);
  const at = name.lastIndexOf('.');
  return at <= 0 ? '' : name.slice(at + 1).toLowerCase();
}

/** The type of an image; nothing where the file is none. */
export function imageType(path: string): string | null {
  return IMAGES[extensionOf(path)] ?? null;
}

/** The folders on the way to a path, the path itself last. */
export function wayTo(path: string): { name: string; path: string }[] {
  const names = path.split('/').filter((name) => name !== '');
  return names.map((name, at) => ({ name, path: names.slice(0, at + 1).join('/') }));
}

export type Lines = { from: number; to: number };

/** The lines that `#L12` or `#L12-L20` names. */
export function linesIn(hash: string): Lines | null {
  const match = /^#L(\d+)(?:-L?(\d+))?$/.exec(hash);
  if (!match) return null;
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  if (from < 1 || to < 1) return null;
  return { from: Math.min(from, to), to: Math.max(from, to) };
}

export function hashOf({ from, to }: Lines): string {
  return from === to ? `#L${from}` : `#L${from}-L${to}`;
}

/**
 * Where a link in a Markdown file of a repository leads: a path beside the file, or what it is. A path that leads out of the
 * repository leads nowhere.
 */
export function pathOf(href: string, folder: string): string | null {
  if (/^([a-z][a-z0-9+.-]*:|\/\/|#)/i.test(href)) return null;
  const [path = ''] = href.split(/[?#]/);
  if (path === '') return null;
  const parts = path.startsWith('/') ? [] : folder.split('/').filter((part) => part !== '');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (parts.pop() === undefined) return null;
    } else parts.push(decoded(part));
  }
  return parts.join('/');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
