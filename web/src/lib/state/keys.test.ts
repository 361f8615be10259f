import { expect, it } from 'vitest';
import { KeySequences, SEQUENCE_TIMEOUT } from './keys';

function keys() {
  const ran: string[] = [];
  const sequences = new KeySequences({ 'g e': () => ran.push('explore'), '?': () => ran.push('help') });
  return { ran, sequences };
}

it('runs single keys and sequences', () => {
  const { ran, sequences } = keys();
  expect(sequences.press('?', 0)).toBe(true);
  expect(sequences.press('g', 10)).toBe(true);
  expect(sequences.press('e', 20)).toBe(true);
  expect(ran).toEqual(['help', 'explore']);
});

it('forgets a first key after a while or after another key', () => {
  const { ran, sequences } = keys();
  sequences.press('g', 0);
  expect(sequences.press('e', SEQUENCE_TIMEOUT + 1)).toBe(false);
  sequences.press('g', 5_000);
  sequences.press('x', 5_010);
  expect(sequences.press('e', 5_020)).toBe(false);
  expect(ran).toEqual([]);
});
