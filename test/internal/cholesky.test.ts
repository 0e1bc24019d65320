import fc from "fast-check";
import { expect, test } from "vitest";
import { choleskyFactor, choleskySolve } from "../../src/internal/cholesky.js";

test("example: 4x + 2y = 2, 2x + 5y = 9 has x = −1/2, y = 2; what is above the diagonal isn't read", () => {
  const x = choleskySolve(choleskyFactor(Float64Array.of(4, Number.NaN, 2, 5), 2), Float64Array.of(2, 9));
  expect(x[0]).toBeCloseTo(-0.5, 15);
  expect(x[1]).toBeCloseTo(2, 15);
});

test("law: A x = b", () => {
  const entries = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 12 })
        .chain((n) =>
          fc.tuple(fc.array(entries, { minLength: n * n, maxLength: n * n }), fc.array(entries, { minLength: n, maxLength: n })),
        ),
      ([m, b]) => {
        const n = b.length;
        // M Mᵀ + 1 has no eigenvalue below 1.
        const a = Float64Array.from({ length: n * n }, (_, at) => {
          const [row, column] = [Math.floor(at / n), at % n];
          return b.reduce((sum, _v, k) => sum + m[row * n + k]! * m[column * n + k]!, row === column ? 1 : 0);
        });
        const x = choleskySolve(choleskyFactor(a, n), Float64Array.from(b));
        b.forEach((right, row) => {
          expect(x.reduce((sum, v, column) => sum + a[row * n + column]! * v, 0)).toBeCloseTo(right, 12);
        });
      },
    ),
  );
});
