import { expect, it } from 'vitest';
import * as queries from './query';

const all = [
  queries.summaryQuery,
  queries.trendQuery,
  queries.distributionQuery,
  queries.landingsQuery,
  queries.knownQuery,
  queries.costQuery,
  queries.flakesQuery,
];

it('asks for the range and the repository everywhere', () => {
  for (const query of all) {
    const text = query({ days: 90, repository: "o'neil" });
    const conditions = text.match(/WHERE/g)!.length;
    expect(text.match(/INTERVAL '90 days'/g)).toHaveLength(conditions);
    expect(text.match(/repository = 'o''neil'/g)).toHaveLength(conditions);
    expect(query({ days: 90, repository: '' })).not.toContain('repository =');
  }
});

it('has a step for every length of time', () => {
  const below = queries.STEPS.map((step) => step.below);
  expect(below).toEqual([...below].sort((a, b) => a - b));
  expect(below[below.length - 1]).toBe(Infinity);
  const text = queries.distributionQuery({ days: 7, repository: '' });
  for (const step of queries.STEPS) expect(text).toContain(`'${step.text}'`);
  expect(text).not.toContain('Infinity');
});
