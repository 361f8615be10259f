import { gateway, type Tried, type Trial } from '$lib/api/gateway';

/** Statuses that have no body. */
const EMPTY = [204, 205, 304];

/** The request as the platform makes it for the page. A document that names no server is answered by the gateway at its own address. */
export async function trialOf(request: Request, ownHost: string): Promise<Trial> {
  const url = new URL(request.url);
  return {
    method: request.method,
    path: url.pathname + url.search,
    ...(url.host === ownHost ? {} : { host: url.host }),
    headers: [...request.headers].map(([name, value]) => ({ name, value })),
    body: await request.text(),
  };
}

/** The answer as the page reads it. */
export function responseOf(tried: Tried): Response {
  const body = tried.too_long ? 'The body is longer than 1 MiB and not shown.' : tried.body;
  return new Response(EMPTY.includes(tried.status) ? null : body, {
    status: tried.status,
    // What the body is encoded in was undone on the way.
    headers: tried.headers
      .filter(({ name }) => !['content-encoding', 'content-length'].includes(name))
      .map(({ name, value }) => [name, value]),
  });
}

/** `fetch` for trying requests: the page itself may reach nothing but the console, so that the gateway is asked through it. */
export async function throughGateway(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  return responseOf(await gateway.tryRequest(await trialOf(new Request(input, init), location.host)));
}
