import { literal } from '$lib/explore/identifier';

/** How far back connections are looked for. */
export const SIGHT_DAYS = 30;
/** The events that say whether a connection is there. */
export const CONNECTED = 'trunkline.fleet.client.connected.v1';
export const GONE = 'trunkline.fleet.client.gone.v1';

/**
 * The last sign of each connection; `from` is the place in the log from which on to read. A connection whose client id another took over
 * says nothing: the one that took it is there.
 */
export function signsQuery(thing: string | null, from: number | null): string {
  return `SELECT json_get_str(data, 'thing') AS thing, subject AS client,
  last_value(type ORDER BY "offset") AS type,
  last_value(json_get_str(data, 'reason') ORDER BY "offset") AS reason,
  max(time) AS time, max("offset") AS place
FROM events
WHERE type IN (${literal(CONNECTED)}, ${literal(GONE)})
  AND time > now() - INTERVAL '${SIGHT_DAYS} days'
  AND json_get_str(data, 'thing') ${thing === null ? 'IS NOT NULL' : `= ${literal(thing)}`}
  AND coalesce(json_get_str(data, 'reason'), '') <> 'taken-over'${fromPlace(from)}
GROUP BY thing, client
ORDER BY place DESC`;
}

/** When devices last said something, during the last day. */
export function lastMessagesQuery(thing: string | null, from: number | null): string {
  return `SELECT thing, max(time) AS time
FROM messages
WHERE thing ${thing === null ? 'IS NOT NULL' : `= ${literal(thing)}`}
  AND time > now() - INTERVAL '1 day'${fromPlace(from)}
GROUP BY thing`;
}

/** The newest messages of a device; `topic` is one of them or empty. */
export function messagesQuery(
  thing: string,
  topic: string,
  hours: number,
  from: number | null = null,
): string {
  return `SELECT time, topic, payload, encoding, bytes, qos, retained, content_type, client, "offset", day
FROM messages
WHERE thing = ${literal(thing)}${topic ? ` AND topic = ${literal(topic)}` : ''}
  AND time > now() - INTERVAL '${hours} hours'${fromPlace(from)}
ORDER BY "offset" DESC`;
}

/** On which topics a device spoke, and how often. */
export function topicsQuery(thing: string, hours: number): string {
  return `SELECT topic, count(*) AS messages
FROM messages
WHERE thing = ${literal(thing)} AND time > now() - INTERVAL '${hours} hours'
GROUP BY topic
ORDER BY topic`;
}

/** The course of one number in the payloads of a device. */
export function fieldQuery(thing: string, keys: string[], hours: number): string {
  const value =
    keys.length === 0
      ? 'try_cast(payload AS double)'
      : `json_get_float(payload, ${keys.map(literal).join(', ')})`;
  const step = hours <= 1 ? '10 seconds' : hours <= 24 ? '5 minutes' : '1 hour';
  return `SELECT date_bin(INTERVAL '${step}', time) AS at, topic, avg(${value}) AS value
FROM messages
WHERE thing = ${literal(thing)}
  AND time > now() - INTERVAL '${hours} hours'
  AND ${value} IS NOT NULL
GROUP BY at, topic
ORDER BY at`;
}

/** The versions of a twin, the newest first, since the device was made: one of the same name before it had twins of its own. */
export function versionsQuery(thing: string, shadow: string, created: string): string {
  return `SELECT time, version, deleted, desired, reported, "by", "offset"
FROM twins
WHERE thing = ${literal(thing)} AND shadow = ${literal(shadow)}
  AND time >= TIMESTAMP ${literal(created)}
ORDER BY "offset" DESC`;
}

/** What the list of events can be narrowed to. */
export const GROUPS = ['connections', 'refusals', 'changes'] as const;
export type Group = (typeof GROUPS)[number];

const TYPES: Record<Group | 'all', string> = {
  all: "type LIKE 'trunkline.fleet.%'",
  connections: `type IN (${literal(CONNECTED)}, ${literal(GONE)})`,
  refusals: `type IN ('trunkline.fleet.client.refused.v1', 'trunkline.fleet.topic.denied.v1', 'trunkline.fleet.message.dropped.v1')`,
  changes: "type LIKE 'trunkline.fleet.thing.%'",
};

/** What happened to a device. Where an event names no device, its client does. */
export function eventsQuery(thing: string, hours: number, group: Group | 'all' = 'all'): string {
  const name = literal(thing);
  return `SELECT time, type, subject, data, "offset"
FROM events
WHERE ${TYPES[group]}
  AND time > now() - INTERVAL '${hours} hours'
  AND (json_get_str(data, 'thing') = ${name}
    OR (json_get_str(data, 'thing') IS NULL AND (subject = ${name} OR starts_with(subject, ${literal(`${thing}:`)}))))
ORDER BY "offset" DESC`;
}

/** Which twins of a device changed; the table has them, and `events` has not. */
export function twinChangesQuery(thing: string, hours: number): string {
  return `SELECT time, shadow, version, deleted, "by", "offset"
FROM twins
WHERE thing = ${literal(thing)} AND time > now() - INTERVAL '${hours} hours'
ORDER BY "offset" DESC`;
}

/** Who gave a device its secrets. */
export function secretsQuery(thing: string): string {
  return `SELECT time, json_get_str(data, 'by') AS "by"
FROM events
WHERE type = 'trunkline.fleet.thing.secret-renewed.v1' AND subject = ${literal(thing)}
ORDER BY "offset" DESC`;
}

function fromPlace(from: number | null): string {
  return from === null ? '' : `\n  AND "offset" >= ${from}`;
}
