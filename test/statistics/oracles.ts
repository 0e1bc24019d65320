/** Asserts nothing: relative distance of two numbers, 0 if they are the same (also both 0 or both infinite). */
export const relativeError = (actual: number, expected: number): number =>
  Object.is(actual, expected) || actual === expected ? 0 : Math.abs(actual - expected) / Math.abs(expected);
