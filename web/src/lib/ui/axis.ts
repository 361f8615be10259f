/** Steps between the labels of an axis that counts: none is smaller than one thing, so that no label comes twice. */
export const WHOLE_STEPS: number[] = Array.from({ length: 13 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();
