import { expect, it } from 'vitest';
import { colourOf, stacked } from './stack';

it('puts lines upon each other, the last at the bottom', () => {
  const lines = [
    { label: 'queued', values: [3, 1, null], colour: '--edge' },
    { label: 'running', values: [0, 2, 1] },
    { label: 'done', values: [0, 0, 2] },
  ];
  expect(stacked(lines)).toEqual([
    { label: 'queued', values: [3, 3, 3], colour: '--edge' },
    { label: 'running', values: [0, 2, 3] },
    { label: 'done', values: [0, 0, 2] },
  ]);
  // What it was given stays as it is: the legend shows the parts.
  expect(lines[1]!.values).toEqual([0, 2, 1]);
  expect(stacked([])).toEqual([]);
});

it('gives a line its own colour, or the next of six', () => {
  expect(colourOf({ colour: '--ok' }, 3)).toBe('--ok');
  expect([0, 5, 6].map((index) => colourOf({}, index))).toEqual(['--series-1', '--series-6', '--series-1']);
});
