import { redirect } from '@sveltejs/kit';

export function load({ url }: { url: URL }) {
  // A sign-in link may point at the root.
  if (url.searchParams.has('link') || url.hash.startsWith('#link='))
    redirect(307, `/sign-in${url.search}${url.hash}`);
  redirect(307, '/explore');
}
