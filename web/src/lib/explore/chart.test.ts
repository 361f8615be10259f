import { describe, expect, it } from 'vitest';
import type { ResultColumn, Row } from '$lib/api/types';
import { chartData, chooseChart, describeChart, fits, MAX_LINES } from './chart';

const column = (name: string, type: ResultColumn['type']): ResultColumn => ({ name, type });
const minute = column('minute', 'timestamp');
const service = column('service', 'string');
const errors = column('errors', 'integer');
const p95 = column('p95', 'float');
const at = (m: number) => `2026-11-24T12:0${m}:00Z`;

describe('chooseChart', () => {
  it('draws numbers over time', () => {
    const rows: Row[] = [
      [at(0), 3, 1.5],
      [at(1), 4, 2.5],
    ];
    expect(chooseChart([minute, errors, p95], rows)).toEqual({
      kind: 'line',
      x: 'minute',
      y: ['errors', 'p95'],
      series: null,
    });
  });

  it('makes a line for each value of a string where rows share a time', () => {
    const rows: Row[] = [
      [at(0), 'a', 1],
      [at(0), 'b', 2],
      [at(1), 'a', 3],
    ];
    expect(chooseChart([minute, service, errors], rows)).toEqual({
      kind: 'line',
      x: 'minute',
      y: ['errors'],
      series: 'service',
    });
  });

  it('prefers the string with fewer values and leaves out one with too many', () => {
    const rows: Row[] = Array.from({ length: 60 }, (_, i) => [at(i % 2), `host-${i}`, `zone-${i % 3}`, i]);
    const columns = [minute, column('host', 'string'), column('zone', 'string'), errors];
    expect(chooseChart(columns, rows)?.series).toBe('zone');
    expect(
      chooseChart(
        [minute, column('host', 'string'), errors],
        rows.map((row) => [row[0], row[1], row[3]]),
      )?.series,
    ).toBe(null);
  });

  it('draws bars for a name and a number', () => {
    expect(
      chooseChart(
        [service, errors],
        [
          ['a', 1],
          ['b', 2],
        ],
      ),
    ).toEqual({ kind: 'bar', x: 'service', y: ['errors'], series: null });
  });

  it('takes a name before a time for a ranking', () => {
    const rows: Row[] = [
      ['a', 1, at(0)],
      ['b', 2, at(1)],
    ];
    expect(chooseChart([service, errors, column('latest', 'timestamp')], rows)).toMatchObject({
      kind: 'bar',
      x: 'service',
    });
    expect(
      chooseChart(
        [minute, service, errors],
        rows.map((row) => [row[2], row[0], row[1]]),
      )?.kind,
    ).toBe('line');
  });

  it('draws points for two numbers', () => {
    expect(
      chooseChart(
        [p95, errors],
        [
          [1, 2],
          [3, 4],
        ],
      ),
    ).toMatchObject({ kind: 'points', x: 'p95', y: ['errors'] });
  });

  it('draws nothing where nothing can be drawn', () => {
    expect(chooseChart([minute, service], [[at(0), 'a']])).toBeNull();
    expect(chooseChart([errors], [[1]])).toBeNull();
    expect(chooseChart([minute, errors], [])).toBeNull();
    expect(chooseChart([minute, errors], [[at(0), 1]])).toBeNull();
  });

  it('does not take the log offset for a measurement', () => {
    const rows: Row[] = [
      [at(0), 1],
      [at(1), 2],
    ];
    expect(chooseChart([column('time', 'timestamp'), column('offset', 'integer')], rows)).toBeNull();
  });
});

describe('chartData', () => {
  const choice = { kind: 'line' as const, x: 'minute', y: ['errors'], series: 'service' };

  it('sorts by time and leaves gaps where a series has no value', () => {
    const rows: Row[] = [
      [at(2), 'a', 5],
      [at(0), 'b', 1],
      [at(0), 'a', null],
    ];
    const data = chartData(choice, [minute, service, errors], rows);
    expect(data.x).toEqual([Date.parse(at(0)) / 1_000, Date.parse(at(2)) / 1_000]);
    expect(data.lines).toEqual([
      { label: 'a', values: [null, 5] },
      { label: 'b', values: [1, null] },
    ]);
  });

  it('reads long integers that come as text, and leaves out rows without a time', () => {
    const data = chartData(
      { ...choice, series: null },
      [minute, errors],
      [
        [null, 1],
        [at(0), '9007199254740993'],
      ],
    );
    expect(data.lines[0]?.values).toEqual([9007199254740992]);
  });

  it('says how many lines it leaves out', () => {
    const rows: Row[] = Array.from({ length: MAX_LINES + 3 }, (_, i) => [at(0), `s${i}`, i]);
    const data = chartData(choice, [minute, service, errors], rows);
    expect(data.lines).toHaveLength(MAX_LINES);
    expect(data.hidden).toBe(3);
  });

  it('puts names at places', () => {
    const rows: Row[] = [
      ['b', 1],
      [null, 2],
    ];
    const data = chartData(
      { kind: 'bar', x: 'service', y: ['errors'], series: null },
      [service, errors],
      rows,
    );
    expect(data).toMatchObject({ xKind: 'category', x: [0, 1], categories: ['b', 'NULL'] });
  });

  it('is told in words', () => {
    const rows: Row[] = [
      [at(0), 'a', 2],
      [at(1), 'a', 8],
    ];
    const data = chartData(choice, [minute, service, errors], rows);
    expect(describeChart(choice, data)).toBe(
      'A line chart of errors over minute: one series, 2 places, from 2 to 8.',
    );
  });
});

it('fits only columns that are there', () => {
  expect(fits({ kind: 'line', x: 'minute', y: ['errors'], series: null }, [minute, errors])).toBe(true);
  expect(fits({ kind: 'line', x: 'minute', y: ['errors'], series: 'gone' }, [minute, errors])).toBe(false);
  expect(fits({ kind: 'line', x: 'minute', y: [], series: null }, [minute, errors])).toBe(false);
});
