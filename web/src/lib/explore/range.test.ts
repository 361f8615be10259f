import { describe, expect, it } from 'vitest';
import type { ChartData } from './chart';
import { xRange, yRange } from './range';

function data(xKind: ChartData['xKind'], x: number[], categories: string[] = []): ChartData {
  return { xKind, x, categories, lines: [], hidden: 0 };
}

describe('the range across', () => {
  it('gives a single time a minute on both sides, whatever the library says', () => {
    expect(xRange(data('time', [1_000]), 1_000, 86_401_000)).toEqual([940, 1_060]);
  });

  it('gives a single number one on both sides', () => {
    expect(xRange(data('number', [5]), 5, 5)).toEqual([4, 6]);
  });

  it('is that of the values otherwise', () => {
    expect(xRange(data('time', [1, 2, 9]), 1, 9)).toEqual([1, 9]);
    expect(xRange(data('number', []), null, null)).toEqual([0, 1]);
  });

  it('leaves half a bar at both ends of times too, where there are bars', () => {
    expect(xRange(data('time', [0, 10, 20]), 0, 20, true)).toEqual([-5, 25]);
  });

  it('leaves half a bar at both ends of categories', () => {
    expect(xRange(data('category', [0, 1], ['a', 'b']), 0, 1)).toEqual([-0.6, 1.6]);
  });
});

describe('the range of values', () => {
  it('begins at zero and leaves room at the top', () => {
    expect(yRange(50, 100)).toEqual([0, 106]);
    expect(yRange(-100, -50)).toEqual([-106, 0]);
  });

  it('has a length where there is none', () => {
    expect(yRange(0, 0)).toEqual([0, 1]);
    expect(yRange(null, null)).toEqual([0, 1]);
  });
});
