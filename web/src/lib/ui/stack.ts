import type { ChartData } from '$lib/explore/chart';

type Line = ChartData['lines'][number];

/** Lines put upon each other, the last at the bottom: each becomes the sum of itself and of all that come after it. What is missing is nought. */
export function stacked(lines: Line[]): Line[] {
  let below: number[] = [];
  const sums: Line[] = [];
  for (const line of [...lines].reverse()) {
    below = line.values.map((value, at) => (value ?? 0) + (below[at] ?? 0));
    sums.unshift({ ...line, values: below });
  }
  return sums;
}

/** The token of a line's colour: its own, or the next of the series. */
export function colourOf(line: Pick<Line, 'colour'>, index: number): string {
  return line.colour ?? `--series-${(index % 6) + 1}`;
}
