// The console is a static app: the server has no renderer, and every page asks the API.
export const ssr = false;
export const prerender = false;
