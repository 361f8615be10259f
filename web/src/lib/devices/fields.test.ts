import { describe, expect, it } from 'vitest';
import { fieldChart, MOST_MESSAGES, numericFields, withNewer, type Message } from './fields';

let offset = 0;
function message(payload: unknown, more: Partial<Message> = {}): Message {
  offset += 1;
  return {
    time: `2026-01-01T00:00:${String(offset % 60).padStart(2, '0')}Z`,
    topic: 'dt/pump-7/reading',
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    encoding: 'text',
    bytes: 1,
    qos: 1,
    retained: false,
    contentType: '',
    client: 'pump-7',
    offset,
    day: '2026-01-01',
    ...more,
  };
}

describe('numbers in payloads', () => {
  it('are found at any depth, the most frequent first', () => {
    const fields = numericFields([
      message({ temp: 21.5, pressure: { bar: 1.1 }, name: 'x', ok: true }),
      message({ temp: 22 }),
      message({ temp: '23' }),
    ]);
    expect(fields.map(({ label, count }) => [label, count])).toEqual([
      ['temp', 2],
      ['pressure.bar', 1],
    ]);
  });

  it('may be the payload itself', () => {
    expect(numericFields([message('21.5')])).toMatchObject([{ keys: [], label: 'value', count: 1 }]);
  });

  it('are not looked for in what is no JSON', () => {
    expect(
      numericFields([
        message('temp=21'),
        message('MQ==', { encoding: 'base64' }),
        message([1, 2]),
        message(null),
      ]),
    ).toEqual([]);
  });

  it('tell a name with a dot from a way inward', () => {
    const fields = numericFields([message({ 'a.b': 1, a: { b: 2 } })]);
    expect(fields.map(({ keys }) => keys)).toEqual([['a.b'], ['a', 'b']]);
  });

  it('are bounded', () => {
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`n${i}`, i]));
    expect(numericFields([message(wide)])).toHaveLength(60);
    const deep = JSON.parse(`${'{"a":'.repeat(50)}1${'}'.repeat(50)}`);
    expect(numericFields([message(deep)])).toEqual([]);
  });
});

describe('the chart of a field', () => {
  it('is in the order of time, though messages come the newest first', () => {
    const messages = [
      message({ temp: 2 }, { time: '2026-01-01T00:00:02Z' }),
      message({ other: 1 }, { time: '2026-01-01T00:00:01.500Z' }),
      message({ temp: 1 }, { time: '2026-01-01T00:00:01Z' }),
    ];
    const chart = fieldChart(
      messages,
      numericFields(messages).find(({ label }) => label === 'temp')!,
    );
    expect(chart.x.map((x) => x % 60)).toEqual([1, 2]);
    expect(chart.lines).toEqual([{ label: 'temp', values: [1, 2] }]);
  });

  it('tells messages apart that came within a millisecond', () => {
    const messages = [
      message({ temp: 3 }, { time: '2026-01-01T00:00:01.000200Z' }),
      message({ temp: 2 }, { time: '2026-01-01T00:00:01.000100Z' }),
      message({ temp: 1 }, { time: '2026-01-01T00:00:01.000100Z' }),
    ];
    const chart = fieldChart(messages, numericFields(messages)[0]!);
    expect(chart.lines[0]!.values).toEqual([2, 3]);
    expect(chart.x[1]! - chart.x[0]!).toBeCloseTo(0.0001, 5);
  });

  it('has a line for each topic, with gaps', () => {
    const messages = [
      message({ temp: 1 }, { topic: 'dt/a/in', time: '2026-01-01T00:00:01Z' }),
      message({ temp: 2 }, { topic: 'dt/a/out', time: '2026-01-01T00:00:02Z' }),
    ];
    expect(fieldChart(messages, numericFields(messages)[0]!).lines).toEqual([
      { label: 'dt/a/in', values: [1, null] },
      { label: 'dt/a/out', values: [null, 2] },
    ]);
  });
});

it('puts newer messages first, once, and forgets the oldest', () => {
  const [a, b, c] = [message('1'), message('2'), message('3')];
  expect(withNewer([b, a], [c, b])).toEqual([c, b, a]);
  expect(withNewer([], [b, a])).toEqual([b, a]);
  const many = Array.from({ length: MOST_MESSAGES }, () => message('x')).reverse();
  const one = message('y');
  const kept = withNewer(many, [one]);
  expect(kept).toHaveLength(MOST_MESSAGES);
  expect(kept[0]).toBe(one);
});
