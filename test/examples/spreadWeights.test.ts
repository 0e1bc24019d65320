import fc from "fast-check";
import { expect, test } from "vitest";
import { spreadWeights } from "../../examples/training/spreadWeights.js";

const tensor = (batch: number, n: number, value: (v: number) => number) => ({
  dims: [batch, 1, n, n, n],
  data: Float32Array.from({ length: batch * n ** 3 }, (_, v) => value(v)),
});

test("a single voxel's weight is shared out over its box; what has none gets none", () => {
  const n = 9;
  const middle = 4 + n * (4 + n * 4);
  const spread = spreadWeights(
    tensor(2, n, (v) => (v === middle ? 1 + 27 : v === 0 ? 0 : 1)),
    1,
  ).data;
  expect(spread[middle]).toBeCloseTo(2, 6);
  expect(spread[middle + 1 + n + n * n]).toBeCloseTo(2, 6);
  expect(spread[middle + 2]).toBeCloseTo(1, 6);
  expect(spread[0]).toBe(0);
  // The second sample knows nothing of the first.
  expect(spread[n ** 3 + middle]).toBeCloseTo(1, 6);
});

test("even weights stay as they are", () => {
  fc.assert(
    fc.property(fc.float({ min: Math.fround(0.1), max: 8, noNaN: true }), fc.integer({ min: 0, max: 4 }), (weight, radius) => {
      for (const w of spreadWeights(
        tensor(1, 8, () => weight),
        radius,
      ).data)
        expect(w).toBeCloseTo(weight, 5);
    }),
    { numRuns: 20 },
  );
});
