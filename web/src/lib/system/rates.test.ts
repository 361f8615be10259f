import { expect, it } from 'vitest';
import type { System } from '$lib/api/types';
import { accepted, addSample, KEPT, rates, type Sample } from './rates';

const sample = (at: number, count: number, started = 'a'): Sample => ({
  at,
  system: {
    started,
    ingest: { accepted_total: { otlp: count, cloudevents: 1 }, refused_total: {} },
  } as unknown as System,
});

it('gives the growth a second', () => {
  const points = rates([sample(0, 0), sample(2_000, 100), sample(3_000, 100)], accepted);
  expect(points.map((point) => point.value)).toEqual([50, 0]);
});

it('begins anew when the server restarted, and never shows a negative rate', () => {
  expect(addSample([sample(0, 500)], sample(2_000, 0, 'b'))).toHaveLength(1);
  expect(rates([sample(0, 5), sample(1_000, 0)], accepted)[0]?.value).toBe(0);
});

it('keeps five minutes', () => {
  let samples: Sample[] = [];
  for (let i = 0; i < KEPT + 10; i += 1) samples = addSample(samples, sample(i * 2_000, i));
  expect(samples).toHaveLength(KEPT);
});
