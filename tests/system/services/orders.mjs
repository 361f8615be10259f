// A service as a team writes it: orders in memory, on the port that is named first. It trusts the gateway to have checked requests.
import { createServer } from 'node:http';

const orders = new Map();

function answer(response, status, body) {
  const text = body === undefined ? '' : JSON.stringify(body);
  const head = text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {};
  response.writeHead(status, head).end(text);
}

async function body(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString());
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://service');
  const id = url.pathname.match(/^\/orders\/([0-9]+)$/)?.[1];
  if (url.pathname === '/healthz') return answer(response, 200, { ready: true });
  if (url.pathname === '/whoami') {
    const seen = Object.entries(request.headers).filter(([name]) => /^(x-|traceparent|forwarded)/.test(name));
    return answer(response, 200, Object.fromEntries(seen));
  }
  if (request.method === 'GET' && url.pathname === '/orders') {
    const limit = Number(url.searchParams.get('limit') ?? 20);
    return answer(response, 200, { orders: [...orders.values()].slice(0, limit) });
  }
  if (request.method === 'POST' && url.pathname === '/orders') {
    const { item, quantity } = await body(request);
    const order = { id: orders.size + 1, item, quantity, state: 'open' };
    orders.set(order.id, order);
    return answer(response, 201, order);
  }
  if (id && request.method === 'GET') {
    const order = orders.get(Number(id));
    return order ? answer(response, 200, order) : answer(response, 404, { detail: 'there is no such order' });
  }
  return answer(response, 404, { detail: 'there is no such thing' });
});

server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
