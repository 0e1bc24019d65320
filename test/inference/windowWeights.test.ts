import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Vec3 } from "../../src/index.js";
import { type WindowWeights, windowWeights } from "../../src/inference/windowWeights.js";
import { golden } from "../support/golden.js";
import { eachVoxel } from "../support/oracles.js";
import { windows } from "./predictors.js";

interface Golden {
  readonly maps: readonly { window: Vec3; sigmaFraction: number; nnunet: Float64Array; monai: Float64Array }[];
  readonly chen: { centre: number; corner: number; edgeI: number; edgeJ: number };
}

/** The whole map, i fastest. */
function mapOf(window: Vec3, { axes: [a, b, c], floor }: WindowWeights): Float64Array {
  const map = new Float64Array(window[0] * window[1] * window[2]);
  eachVoxel(window, (i, j, k, at) => {
    map[at] = Math.max(a[i]! * (b[j]! * c[k]!), floor);
  });
  return map;
}

const relativeError = (got: Float64Array, expected: Float64Array) =>
  got.reduce((most, v, i) => Math.max(most, Math.abs(v / expected[i]! - 1)), Math.abs(got.length - expected.length));

describe("windowWeights", () => {
  test.each(golden<Golden>("inference/windows").maps)(
    "maps as nnU-Net and MONAI have them: $window, σ = $sigmaFraction",
    ({ window, sigmaFraction, nnunet, monai }) => {
      // Both in float64; SciPy's kernel is normalised and divided by its maximum again, a few roundings.
      expect(relativeError(mapOf(window, windowWeights(window, { sigmaFraction })), nnunet)).toBeLessThan(1e-13);
      expect(relativeError(mapOf(window, windowWeights(window, { sigmaFraction, placement: "monai" })), monai)).toBeLessThan(
        1e-13,
      );
    },
  );

  test("Chen's 128×160: 1 in the middle, e⁻¹⁶ in the corner, e⁻⁸ at the edges", () => {
    const { axes, floor } = windowWeights([128, 160, 1]);
    const { chen } = golden<Golden>("inference/windows");
    expect(floor).toBe(0);
    expect(axes[0][64]! * axes[1][80]! * axes[2][0]!).toBe(1);
    expect(axes[0][0]! * axes[1][0]!).toBeCloseTo(1.125e-7, 10);
    expect(axes[0][0]! * axes[1][80]!).toBeCloseTo(3.35e-4, 6);
    expect(axes[0][0]! * axes[1][0]! * axes[2][0]!).toBeCloseTo(chen.corner, 15);
    expect([axes[0][0], axes[1][0]].map((v) => v!.toFixed(12))).toEqual([chen.edgeI, chen.edgeJ].map((v) => v.toFixed(12)));
  });

  test("uniform weights are all 1", () => {
    expect(mapOf([2, 3, 2], windowWeights([2, 3, 2], { weighting: "uniform" }))).toEqual(new Float64Array(12).fill(1));
  });

  test("refuses", () => {
    for (const sigmaFraction of [0, -1, NaN, Infinity])
      expect(() => windowWeights([4, 4, 4], { sigmaFraction })).toThrow(/sigmaFraction/);
    expect(() => windowWeights([4, 4, 4], { weighting: "x" as never })).toThrow(/weighting/);
  });

  test("law: every weight is positive and at most 1", () =>
    fc.assert(
      fc.property(windows(12), ({ window, ...options }) => {
        const map = mapOf(window, windowWeights(window, options));
        expect(map.every((w) => w > 0 && w <= 1)).toBe(true);
      }),
    ));
});
