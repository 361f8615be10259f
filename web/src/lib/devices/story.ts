import { text } from '$lib/explore/objects';
import { plural } from '$lib/format/number';
import { readObject } from './desired';
import { CONNECTED, GONE, type Group } from './query';

/** An event of a device, in words. */
export type Happening = {
  /** Its place in the log. */
  place: number;
  time: string;
  group: Group;
  tone: 'ok' | 'blind' | 'warn' | 'fail';
  title: string;
  detail: string;
  client: string;
  /** The version of a twin that it made, where it is one. */
  twin: { shadow: string; version: string } | null;
};

/** Why a connection ended, in words. */
export const GONE_REASONS: Record<string, string> = {
  disconnected: 'it disconnected',
  lost: 'the connection was lost',
  'keep-alive': 'it was silent for longer than its keep-alive',
  'taken-over': 'another connection took its client id',
  protocol: 'it broke the protocol or was refused a topic',
  slow: 'it did not take its messages',
  revoked: 'its secret ended',
  shutdown: 'the platform stopped',
};
const REFUSED_REASONS: Record<string, string> = {
  credentials: 'wrong name or secret',
  forbidden: 'neither publishing nor subscribing is allowed to it',
  'client-id': 'a client id that is not its own',
  busy: 'too many attempts from its address',
  'client-rate': 'it connects too often',
  'address-rate': 'too many connections a second from its address',
  handshakes: 'too many connections were on their way in',
};
const LIMITS: Record<string, string> = {
  rate: 'it sent faster than it may',
  queue: 'too many messages waited for it',
  retained: 'there are too many retained topics',
  log: 'the log does not have it any more',
};
const MQTT_VERSIONS: Record<string, string> = { 3: '3.1', 4: '3.1.1', 5: '5' };

/** Events from rows of the tables `events` and `twins`, the newest first. */
export function storyOf(events: Record<string, unknown>[], twins: Record<string, unknown>[]): Happening[] {
  return [...events.map(fromEvent), ...twins.map(fromTwin)].sort((a, b) => b.place - a.place);
}

function fromEvent(row: Record<string, unknown>): Happening {
  const type = text(row.type);
  const data = readObject(text(row.data)).value ?? {};
  const of = (name: string) => text(data[name]);
  const base = {
    place: Number(row.offset),
    time: text(row.time),
    client: of('client') || text(row.subject),
    twin: null,
  };
  const by = of('by') ? `by ${of('by')}` : '';
  switch (type) {
    case CONNECTED: {
      const version = MQTT_VERSIONS[of('version')] ?? of('version');
      return {
        ...base,
        group: 'connections',
        tone: 'ok',
        title: 'Connected',
        detail: `from ${of('address')}, MQTT ${version}`,
      };
    }
    case GONE: {
      const orderly = of('reason') === 'disconnected' || of('reason') === 'taken-over';
      const detail = GONE_REASONS[of('reason')] ?? of('reason');
      return { ...base, group: 'connections', tone: orderly ? 'blind' : 'warn', title: 'Gone', detail };
    }
    case 'trunkline.fleet.client.refused.v1': {
      const detail = `${REFUSED_REASONS[of('reason')] ?? of('reason')}, from ${of('address')}${again(data)}`;
      return { ...base, group: 'refusals', tone: 'fail', title: 'Not let in', detail };
    }
    case 'trunkline.fleet.topic.denied.v1': {
      const detail = `${of('action')} on ${of('topic')}${again(data)}`;
      return { ...base, group: 'refusals', tone: 'fail', title: 'Topic refused', detail };
    }
    case 'trunkline.fleet.message.dropped.v1': {
      const detail = `${LIMITS[of('limit')] ?? of('limit')}${again(data)}`;
      return { ...base, group: 'refusals', tone: 'warn', title: 'Message lost', detail };
    }
    case 'trunkline.fleet.thing.created.v1':
      return { ...base, group: 'changes', tone: 'ok', title: 'Made', detail: by, client: '' };
    case 'trunkline.fleet.thing.removed.v1':
      return { ...base, group: 'changes', tone: 'warn', title: 'Removed', detail: by, client: '' };
    case 'trunkline.fleet.thing.secret-renewed.v1':
      return { ...base, group: 'changes', tone: 'warn', title: 'Secret renewed', detail: by, client: '' };
    default:
      // Events that are newer than this page are shown as they are.
      return { ...base, group: 'changes', tone: 'blind', title: type, detail: text(row.data), client: '' };
  }
}

function fromTwin(row: Record<string, unknown>): Happening {
  const [shadow, version, deleted] = [text(row.shadow), text(row.version), row.deleted === true];
  return {
    place: Number(row.offset),
    time: text(row.time),
    group: 'changes',
    tone: deleted ? 'warn' : 'ok',
    title: deleted ? 'Twin removed' : 'Twin changed',
    detail: `${shadow ? `shadow ${shadow}, ` : ''}${deleted ? 'after ' : ''}version ${version}, by ${text(row.by)}`,
    client: '',
    twin: { shadow, version: deleted ? `${version}-removed` : version },
  };
}

/** How many of the same kind were passed over. */
function again(data: Record<string, unknown>): string {
  const repeated = Number(data.repeated ?? 0);
  return repeated > 0 ? `, and ${plural(repeated, 'more like it', 'more like it')}` : '';
}
