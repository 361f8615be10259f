import { expect, it } from 'vitest';
import { responseOf, trialOf } from './try-it';

it('makes a trial of a request', async () => {
  const request = new Request('http://shop.example:7080/orders?limit=5', {
    method: 'POST',
    headers: { 'X-A': '1' },
    body: '{"item":"lamp"}',
  });
  const trial = await trialOf(request, 'localhost:7070');
  expect(trial).toMatchObject({
    method: 'POST',
    path: '/orders?limit=5',
    host: 'shop.example:7080',
    body: '{"item":"lamp"}',
  });
  expect(trial.headers).toContainEqual({ name: 'x-a', value: '1' });
  expect(await trialOf(new Request('http://localhost:7070/orders'), 'localhost:7070')).not.toHaveProperty(
    'host',
  );
});

it('shows an answer as it came', async () => {
  const tried = {
    headers: [{ name: 'content-type', value: 'text/plain' }],
    too_long: false,
    elapsed_ms: 1,
  };
  const response = responseOf({ ...tried, status: 404, body: 'no' });
  expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
    404,
    'text/plain',
    'no',
  ]);
  expect(await responseOf({ ...tried, status: 204, body: '' }).text()).toBe('');
  expect(await responseOf({ ...tried, status: 200, body: '', too_long: true }).text()).toContain('not shown');
});
