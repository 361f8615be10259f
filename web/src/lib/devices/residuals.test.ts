import { expect, it } from 'vitest';
import { numberText, reportedText, residualsFrom, residualsQuery, residualText } from './residuals';

const row = {
  field: 'room',
  kind: 'thermostat',
  reported: 21.5,
  expected: 20.9,
  residual: 0.6000000000000014,
  since: '2026-01-01T00:00:00Z',
  changed: '2026-01-01T00:01:00Z',
};

it('asks for one device only', () => {
  expect(residualsQuery("o'neil")).toContain("thing = 'o''neil'");
});

it('reads rows', () => {
  expect(residualsFrom([row])).toEqual([row]);
});

it('writes numbers without their tails, and how far off they are with a sign', () => {
  expect(numberText(21.500000000000004)).toBe('21.5');
  expect(residualText(row.residual)).toBe('+0.6');
  expect(residualText(-3)).toBe('-3');
  expect(residualText(0)).toBe('0');
  expect(residualText(-0)).toBe('0');
});

it('shows the word of a state or a truth value before its number', () => {
  const [room] = residualsFrom([row]);
  expect(reportedText(room!, { room: 21.5 })).toBe('21.5');
  expect(reportedText({ ...room!, field: 'state', reported: 1 }, { state: 'heating' })).toBe('heating (1)');
  expect(reportedText({ ...room!, field: 'open', reported: 0 }, { open: false })).toBe('false (0)');
  expect(reportedText({ ...room!, field: 'gone', reported: 0 }, {})).toBe('0');
});
