import { expect, it } from 'vitest';
import type { MadeCertificate } from '$lib/api/fleet';
import { endOf, filesOf, isRequest, shortId } from './certificate';

it('warns before a certificate ends', () => {
  const now = Date.parse('2026-11-26T12:00:00Z');
  expect(endOf('2026-11-26T12:00:00Z', now)).toBe('over');
  expect(endOf('2026-11-26T12:00:01Z', now)).toBe('soon');
  expect(endOf('2026-12-26T12:00:00Z', now)).toBe('soon');
  expect(endOf('2026-12-26T12:00:01Z', now)).toBe('far');
});

it('shortens ids', () => {
  expect(shortId('0123456789abcdef')).toBe('0123456789ab…');
  expect(shortId('0123')).toBe('0123');
});

it('gives the files of a device', () => {
  const made = { pem: 'own', chain: 'between\n', root: 'root\n', private_key: 'key' } as MadeCertificate;
  expect(filesOf(made)).toEqual([
    { name: 'root.pem', text: 'root\n' },
    { name: 'device.pem', text: 'own\nbetween\n' },
    { name: 'device.key', text: 'key\n' },
  ]);
  expect(filesOf({ ...made, private_key: null }).map(({ name }) => name)).toEqual(['root.pem', 'device.pem']);
});

it('tells a signing request from other texts', () => {
  const request = '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----';
  expect(isRequest(`\n${request}\n`)).toBe(true);
  expect(isRequest(request.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'))).toBe(true);
  expect(isRequest(request.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE'))).toBe(false);
  expect(isRequest(request.slice(0, -5))).toBe(false);
});
