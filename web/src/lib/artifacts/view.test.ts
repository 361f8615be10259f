import { expect, it } from 'vitest';
import {
  artifactLink,
  artifactsLink,
  guessFrom,
  placeholderOf,
  readArtifactsView,
  readTitle,
  shortened,
} from './view';

it('has an address for each version of an artifact, and reads it again', () => {
  const artifact = { name: 'pump-firmware', version: '1.4.0+b.7' };
  expect(artifactLink(artifact)).toBe('/artifacts/pump-firmware@1.4.0%2Bb.7/about');
  expect(readTitle('pump-firmware@1.4.0+b.7')).toEqual(artifact);
  expect(readTitle('pump')).toEqual({ name: 'pump', version: '' });
});

it('has addresses for what the list shows', () => {
  expect(artifactsLink()).toBe('/artifacts');
  expect(artifactsLink({ name: 'pump', after: 'pump@1', create: true })).toBe(
    '/artifacts?name=pump&after=pump%401&create=artifact',
  );
  expect(readArtifactsView(new URLSearchParams('name=pump&create=artifact'))).toEqual({
    name: 'pump',
    after: '',
    create: true,
  });
});

it('writes what a job takes', () => {
  expect(placeholderOf({ name: 'a', version: '1' })).toBe('${trunkline:artifact:a@1}');
});

it('guesses by the name of a file', () => {
  expect(guessFrom('pump-firmware-1.4.0.bin')).toEqual({ name: 'pump-firmware', version: '1.4.0' });
  expect(guessFrom('pump_v2.tar.gz')).toEqual({ name: 'pump', version: '2' });
  expect(guessFrom('meter@1.0.0-rc.1+7.img')).toEqual({ name: 'meter', version: '1.0.0-rc.1+7' });
  expect(guessFrom('firmware.bin')).toEqual({ name: '', version: '' });
});

it('shortens what is long', () => {
  expect(shortened('a'.repeat(64))).toBe(`${'a'.repeat(12)}…`);
  expect(shortened('short')).toBe('short');
});
