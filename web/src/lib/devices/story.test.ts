import { expect, it } from 'vitest';
import { storyOf } from './story';

let place = 0;
function event(type: string, data: object, subject = 'pump-7') {
  place += 1;
  const row = { time: '2026-01-01T00:00:00Z', type: `trunkline.fleet.${type}.v1`, subject, offset: place };
  return { ...row, data: JSON.stringify(data) };
}
const told = (row: Record<string, unknown>) => storyOf([row], [])[0]!;

it('says what happened to connections', () => {
  expect(
    told(event('client.connected', { client: 'pump-7:a', address: '10.0.0.7', version: 4 })),
  ).toMatchObject({
    group: 'connections',
    tone: 'ok',
    title: 'Connected',
    detail: 'from 10.0.0.7, MQTT 3.1.1',
    client: 'pump-7:a',
  });
  expect(told(event('client.gone', { reason: 'disconnected' }))).toMatchObject({
    title: 'Gone',
    tone: 'blind',
  });
  expect(told(event('client.gone', { reason: 'keep-alive' }))).toMatchObject({
    tone: 'warn',
    detail: 'it was silent for longer than its keep-alive',
  });
  expect(told(event('client.gone', { reason: 'eaten' })).detail).toBe('eaten');
});

it('says what was refused, and how often', () => {
  const refused = event('client.refused', { reason: 'credentials', address: '10.0.0.7', repeated: 4 });
  expect(told(refused)).toMatchObject({
    group: 'refusals',
    tone: 'fail',
    detail: 'wrong name or secret, from 10.0.0.7, and 4 more like it',
    client: 'pump-7',
  });
  const denied = event('topic.denied', { action: 'publish', topic: 'dt/other/x', repeated: 0 });
  expect(told(denied).detail).toBe('publish on dt/other/x');
  expect(told(event('message.dropped', { limit: 'rate', repeated: 1 }))).toMatchObject({
    tone: 'warn',
    detail: 'it sent faster than it may, and 1 more like it',
  });
});

it('says who changed the device', () => {
  for (const [type, title] of [
    ['thing.created', 'Made'],
    ['thing.removed', 'Removed'],
    ['thing.secret-renewed', 'Secret renewed'],
  ] as const) {
    expect(told(event(type, { thing: 'pump-7', by: 'acc_1' }))).toMatchObject({
      group: 'changes',
      title,
      detail: 'by acc_1',
    });
  }
});

it('shows events that it does not know as they are', () => {
  expect(told(event('thing.painted', { colour: 'red' }))).toMatchObject({
    tone: 'blind',
    title: 'trunkline.fleet.thing.painted.v1',
    detail: '{"colour":"red"}',
  });
  expect(told({ type: 'x', data: 'broken', offset: 1 }).detail).toBe('broken');
});

it('puts twins in between by their place in the log', () => {
  const twin = (offset: number, more: object) => ({
    time: '',
    shadow: '',
    version: 2,
    by: 'acc_1',
    offset,
    ...more,
  });
  const story = storyOf(
    [{ ...event('thing.created', {}), offset: 10 }],
    [twin(12, { deleted: true }), twin(11, { shadow: 'network' }), twin(9, {})],
  );
  expect(story.map((one) => [one.title, one.detail])).toEqual([
    ['Twin removed', 'after version 2, by acc_1'],
    ['Twin changed', 'shadow network, version 2, by acc_1'],
    ['Made', ''],
    ['Twin changed', 'version 2, by acc_1'],
  ]);
  expect(story[0]!.twin).toEqual({ shadow: '', version: '2-removed' });
});
