import { expect, it } from 'vitest';
import { aboutRule, evidenceOf, weightOf } from './evidence';

const given = {
  answers: 182,
  rules: [
    {
      rule: 'errors',
      release: { answers: 182, bad: 10 },
      before: { answers: 3_240, bad: 16 },
      evidence: 2.3,
      needed: 4.6,
      worse: false,
    },
  ],
};

it('reads what the judge found', () => {
  expect(evidenceOf({ evidence: given })).toEqual(given);
  expect(aboutRule('errors')).toBe('answered 5xx');
  expect(aboutRule('new')).toBe('');
});

it('leaves out what it does not understand', () => {
  expect(evidenceOf({ evidence: null })).toBeNull();
  expect(evidenceOf({ evidence: {} })).toBeNull();
  const odd = { rules: [null, { rule: 'slow', evidence: 'much' }] };
  expect(evidenceOf({ evidence: odd })).toEqual({
    answers: 0,
    rules: [
      {
        rule: 'slow',
        release: { answers: 0, bad: 0 },
        before: { answers: 0, bad: 0 },
        evidence: 0,
        needed: 0,
        worse: false,
      },
    ],
  });
});

it('weighs the evidence against what is needed', () => {
  const [one] = evidenceOf({ evidence: given })!.rules;
  expect(weightOf(one!)).toBe(0.5);
  // What speaks for a release is no evidence against it.
  expect(weightOf({ ...one!, evidence: -3 })).toBe(0);
  expect(weightOf({ ...one!, evidence: 9 })).toBe(1);
  // What was enough once stays enough.
  expect(weightOf({ ...one!, worse: true })).toBe(1);
  expect(weightOf({ ...one!, needed: 0 })).toBe(0);
});
