import { Failure } from '$lib/api/failure';
import type { Group } from '$lib/api/groups';
import type { Device } from './filter';
import type { State } from './presence';

/** Groups and devices to test with. */
export const group = (name: string, parent: string | null = null): Group => ({
  name,
  parent,
  statement: null,
  description: '',
  created: '2026-01-01T00:00:00Z',
});
export const device = (name: string, state: State): Device => ({
  thing: { name, kind: 'pump', attributes: {}, created: '2026-01-01T00:00:00Z' },
  standing: { state, since: null, reason: '', seen: null, message: null },
});
export const broken = new Failure('The statement is broken', 'no such table', { code: 'TL-FLEET-010' });
export const devices = [
  device('a', 'connected'),
  device('b', 'gone'),
  device('c', 'unknown'),
  device('d', 'never'),
  device('e', 'connected'),
];
