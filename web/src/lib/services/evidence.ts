export type Counts = { answers: number; bad: number };
/** What the judge found by one rule. */
export type Judgement = {
  rule: string;
  release: Counts;
  before: Counts;
  evidence: number;
  needed: number;
  worse: boolean;
};
export type Evidence = { answers: number; rules: Judgement[] };

const ABOUT: Record<string, string> = {
  errors: 'answered 5xx',
  slow: 'slower than 99 of 100 before',
};

/** What counts as bad by a rule. */
export function aboutRule(rule: string): string {
  return ABOUT[rule] ?? '';
}

/** The numbers behind a deployment. The API leaves their shape open, so that what is not understood is left out. */
export function evidenceOf({ evidence: given }: { evidence?: unknown }): Evidence | null {
  if (!isObject(given) || !Array.isArray(given.rules)) return null;
  return { answers: number(given.answers), rules: given.rules.filter(isObject).map(judgement) };
}

/** How much of the evidence that is needed there is, from 0 to 1. Evidence for the release is none against it. */
export function weightOf({ evidence, needed, worse }: Judgement): number {
  if (worse) return 1;
  return needed > 0 ? Math.min(1, Math.max(0, evidence / needed)) : 0;
}

function judgement(given: Record<string, unknown>): Judgement {
  return {
    rule: String(given.rule),
    release: counts(given.release),
    before: counts(given.before),
    evidence: number(given.evidence),
    needed: number(given.needed),
    worse: given.worse === true,
  };
}

function counts(given: unknown): Counts {
  return isObject(given)
    ? { answers: number(given.answers), bad: number(given.bad) }
    : { answers: 0, bad: 0 };
}

function number(value: unknown): number {
  const read = Number(value);
  return Number.isFinite(read) ? read : 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
