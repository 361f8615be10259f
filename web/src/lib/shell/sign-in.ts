/** The one-time code of a sign-in link, from `#link=` or `?link=`. The fragment is better: it never reaches a server's log. */
export function linkCode(url: URL): string | null {
  const fragment = new URLSearchParams(url.hash.replace(/^#/, ''));
  return fragment.get('link') || url.searchParams.get('link') || null;
}

/** Where to go after signing in: only a path of this console, never another origin. */
export function nextPath(url: URL): string {
  const next = url.searchParams.get('next') ?? '';
  // Browsers drop control characters inside addresses: `/<tab>/host` would leave this origin.
  const odd = [...next].some((character) => character <= ' ');
  return !odd && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : '/explore';
}

/** Whether a path is answered by the server itself, as the OpenID provider's pages are, and not by a page of the console. */
export function isServerPath(path: string): boolean {
  return path.startsWith('/oidc/');
}

/** The code that an emailed or copied link carries in its fragment, under a name such as `invitation`. */
export function fragmentCode(hash: string, name: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get(name) || null;
}

/** Where signing in at another issuer begins. */
export function issuerLink(issuer: string, next: string): string {
  return `/v1/session/oidc/${encodeURIComponent(issuer)}?${new URLSearchParams({ next })}`;
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
