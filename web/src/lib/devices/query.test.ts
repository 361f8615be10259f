import { expect, it } from 'vitest';
import {
  eventsQuery,
  fieldQuery,
  lastMessagesQuery,
  messagesQuery,
  secretsQuery,
  signsQuery,
  topicsQuery,
  twinChangesQuery,
  versionsQuery,
} from './query';

it('quotes what is typed and what devices say', () => {
  const name = "o'pump";
  const quoted = "'o''pump'";
  for (const query of [
    signsQuery(name, null),
    lastMessagesQuery(name, null),
    messagesQuery(name, '', 1),
    topicsQuery(name, 1),
    fieldQuery(name, [], 1),
    versionsQuery(name, '', '2026-01-01T00:00:00Z'),
    eventsQuery(name, 1),
    twinChangesQuery(name, 1),
    secretsQuery(name),
  ]) {
    expect(query).toContain(quoted);
    expect(query).not.toContain(`${name}'`);
  }
  expect(messagesQuery('a', "dt/a/x' OR 1=1", 1)).toContain(`topic = 'dt/a/x'' OR 1=1'`);
  expect(fieldQuery('a', ["it's", 'b'], 1)).toContain(`json_get_float(payload, 'it''s', 'b')`);
  expect(versionsQuery('a', "s'", '')).toContain(`shadow = 's'''`);
});

it('asks about all devices or one, and reads on where it was', () => {
  expect(signsQuery(null, null)).toContain(`'thing') IS NOT NULL`);
  expect(signsQuery(null, null)).not.toContain('"offset" >=');
  expect(signsQuery('a', 42)).toContain('AND "offset" >= 42');
  expect(lastMessagesQuery(null, 0)).toContain('AND "offset" >= 0');
});

it('leaves out connections that another took over', () => {
  expect(signsQuery(null, null)).toContain(`<> 'taken-over'`);
});

it('narrows messages to a topic only where one is chosen', () => {
  expect(messagesQuery('a', '', 24)).not.toContain('topic =');
  expect(messagesQuery('a', '', 24)).toContain(`INTERVAL '24 hours'`);
});

it('narrows events to what is asked for', () => {
  expect(eventsQuery('a', 24)).toContain(`type LIKE 'trunkline.fleet.%'`);
  expect(eventsQuery('a', 24, 'refusals')).toContain('topic.denied');
  expect(eventsQuery('a', 24, 'refusals')).not.toContain('connected');
  expect(eventsQuery('a', 24, 'changes')).toContain(`'trunkline.fleet.thing.%'`);
});

it('reads a number from a payload or from within it', () => {
  expect(fieldQuery('a', [], 1)).toContain('try_cast(payload AS double)');
  expect(fieldQuery('a', ['pressure', 'bar'], 168)).toContain(`INTERVAL '1 hour'`);
});
