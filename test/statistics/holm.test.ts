import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holm } from "../../src/statistics/index.js";
import { codeOf } from "../metrics/oracles.js";

describe("holm", () => {
  test("examples", () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([0.5, 0.6])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });

  test("refuses", () => {
    for (const bad of [-0.1, 1.1, Number.NaN]) expect(codeOf(() => holm([0.5, bad]))).toBe("out-of-range");
  });

  test("law: rejects just what the step-down procedure rejects", () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(p, { maxLength: 12 }), fc.double({ min: 0.001, max: 0.5, noNaN: true }), (pValues, alpha) => {
        const sorted = [...pValues].sort((a, b) => a - b);
        let rejected = 0;
        while (rejected < sorted.length && Math.min(1, (sorted.length - rejected) * sorted[rejected]!) <= alpha) rejected++;
        const adjusted = holm(pValues);
        const limit = sorted[rejected - 1] ?? -1;
        expect(adjusted.map((v) => v <= alpha)).toEqual(pValues.map((v) => v <= limit));
        adjusted.forEach((v, n) => {
          expect(v).toBeGreaterThanOrEqual(pValues[n]!);
        });
      }),
    );
  });
});
