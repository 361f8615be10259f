/** Weights are whole numbers in this range; only their proportion counts. */
export const LARGEST = 1_000;

/** The share of each weight in per cent, with one digit; all zero gives zeros. */
export function shares(weights: number[]): string[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => {
    const share = total > 0 ? (weight / total) * 100 : 0;
    const text = share.toFixed(1).replace(/\.0$/, '');
    // A trickle is not nothing.
    return share > 0 && text === '0' ? '<0.1 %' : `${text} %`;
  });
}

/** Why weights cannot be applied, or null. */
export function mistakeIn(weights: (number | null | undefined)[]): string | null {
  const whole = weights.every(
    (weight) => typeof weight === 'number' && Number.isInteger(weight) && weight >= 0 && weight <= LARGEST,
  );
  if (!whole) return `Each weight is a whole number from 0 to ${LARGEST}.`;
  if (weights.every((weight) => weight === 0))
    return 'One at least needs a weight above 0, or nothing is served.';
  return null;
}

/** Which get no requests any more. */
export function silenced(before: { key: string; weight: number }[], after: Record<string, number>): string[] {
  return before.filter((one) => one.weight > 0 && after[one.key] === 0).map((one) => one.key);
}
