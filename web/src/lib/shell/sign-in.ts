/** The one-time code of a sign-in link, from `#link=` or `?link=`. The fragment is better: it never reaches a server's log. */
export function linkCode(url: URL): string | null {
  const fragment = new URLSearchParams(url.hash.replace(/^#/, ''));
  return fragment.get('link') || url.searchParams.get('link') || null;
}

/** Where to go after signing in: only a path of this console, never another origin. */
export function nextPath(url: URL): string {
  const next = url.searchParams.get('next') ?? '';
  return /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : '/explore';
}

/** A pasted text can be a whole sign-in link, a bare code or a token. */
export function credentialFrom(text: string): { link: string } | { token: string } | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (/^https?:\/\//i.test(trimmed)) {
    try {
      const code = linkCode(new URL(trimmed));
      return code ? { link: code } : null;
    } catch {
      return null;
    }
  }
  return trimmed.startsWith('tl_') ? { token: trimmed } : { link: trimmed };
}
