import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type NoiseEstimator, noiseLevel } from "../../src/enhancement/noiseLevel.js";
import { createGrid, createMask, createVolume, type Vec3, type Volume } from "../../src/index.js";
import { maskOf, volumeOf } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { everywhere, mapVoxels, noise } from "./oracles.js";

const estimators = ["negatives", "huber", "highpass-mad"] as const satisfies readonly NoiseEstimator[];

describe("noiseLevel", () => {
  const white = noise([48, 48, 48], { sd: 0.04 });
  const level = (z: Volume, estimator: NoiseEstimator) => noiseLevel(z, { brain: everywhere(z), estimator });
  const N = 48 ** 3;

  // Four standard errors of each estimator on N voxels: the mirrored moment uses half of them; Huber's and the MAD have efficiencies of
  // some 0.8 and 0.37, and the MAD's residuals are correlated in 3×3×3 boxes.
  test.each([
    ["negatives", 4 / Math.sqrt(N)],
    ["huber", 4 / Math.sqrt(0.8 * N)],
    ["highpass-mad", 4 / Math.sqrt(0.37 * N)],
  ] as const)("of white noise %s is its standard deviation", (estimator, tolerance) => {
    expect(Math.abs(level(white, estimator) / 0.04 - 1)).toBeLessThan(tolerance);
  });

  test("the negatives' own standard deviation would be 0.603 σ", () => {
    const negatives = white.data.filter((v) => v < 0);
    const mean = negatives.reduce((sum, v) => sum + v, 0) / negatives.length;
    const sd = Math.sqrt(negatives.reduce((sum, v) => sum + (v - mean) ** 2, 0) / negatives.length);
    expect(sd / 0.04).toBeCloseTo(0.603, 2);
    expect(sd / level(white, "negatives")).toBeCloseTo(Math.sqrt(1 - 2 / Math.PI), 2);
  });

  test("a few large negatives move Huber's scale less than the moment, and the high-pass hardly", () => {
    const artefacts = mapVoxels(white, (v, i) => (i % 200 === 0 ? -1 : v));
    const growth = estimators.map((estimator) => level(artefacts, estimator) / level(white, estimator));
    expect(growth[0]).toBeGreaterThan(2);
    expect(growth[1]).toBeLessThan(1.05);
    expect(growth[2]).toBeLessThan(1.2);
  });

  test("a smooth offset moves the first two and not the high-pass", () => {
    const drifting = mapVoxels(white, (v, i) => v + 0.0025 * ((i % 48) - 24));
    expect(level(drifting, "negatives")).toBeGreaterThan(0.045);
    // The box mean leaves a trace of the slope only at the border.
    expect(level(drifting, "highpass-mad") / level(white, "highpass-mad")).toBeCloseTo(1, 2);
  });

  test("examples by hand", () => {
    const z = volumeOf([5, 1, 1], [-3, -4, 0, 7, -100]);
    const brain = maskOf("####.");
    expect(noiseLevel(z, { brain })).toBeCloseTo(Math.sqrt(25 / 2), 6);
    expect(noiseLevel(volumeOf([2, 1, 1], [-2, -2]), { brain: maskOf("##") })).toBe(2);
  });

  test("is NaN where no voxel is negative, and 0 where nothing varies", () => {
    const z = volumeOf([3, 1, 1], [0, 1, 2]);
    expect(level(z, "negatives")).toBeNaN();
    expect(level(z, "huber")).toBeNaN();
    expect(level(volumeOf([3, 3, 3], new Array(27).fill(5)), "highpass-mad")).toBe(0);
  });

  test("refuses", () => {
    const refusal = (code: string) => expect.objectContaining({ code });
    const z = volumeOf([2, 1, 1], [-1, 1]);
    for (const estimator of estimators) {
      expect(() => noiseLevel(z, { brain: maskOf(".."), estimator })).toThrowError(refusal("empty-mask"));
      expect(() => noiseLevel(z, { brain: maskOf("#"), estimator })).toThrowError(refusal("grid-mismatch"));
      expect(() => noiseLevel(volumeOf([2, 1, 1], [-1, Number.NaN]), { brain: maskOf("##"), estimator })).toThrowError(/NaN/);
    }
    expect(() => noiseLevel(z, { brain: maskOf("##"), estimator: "mad" as never })).toThrowError(/"highpass-mad"/);
  });

  describe("laws", () => {
    const estimator = () => fc.constantFrom(...estimators);
    const made = (seed: number) => noise([8, 9, 10], { seed });

    test("scaling the image by k scales the noise by k", () =>
      fc.assert(
        fc.property(fc.nat(), estimator(), fc.double({ min: 0.01, max: 100, noNaN: true }), (seed, e, k) => {
          const z = made(seed);
          // One rounding of each voxel.
          expect(
            level(
              mapVoxels(z, (v) => k * v),
              e,
            ) /
              (k * level(z, e)),
          ).toBeCloseTo(1, 5);
        }),
      ));

    test("what enhances plays no part in the first two", () =>
      fc.assert(
        fc.property(fc.nat(), fc.constantFrom("negatives" as const, "huber" as const), (seed, e) => {
          const z = made(seed);
          expect(
            level(
              mapVoxels(z, (v) => (v > 0 ? v + 100 : v)),
              e,
            ),
          ).toBe(level(z, e));
        }),
      ));

    test("what lies outside the brain plays no part, but for the high-pass at its border", () =>
      fc.assert(
        fc.property(fc.nat(), fc.constantFrom("negatives" as const, "huber" as const), (seed, e) => {
          const z = made(seed);
          const brain = createMask(
            z.data.map((_, i) => i % 2),
            z.grid,
          );
          const other = mapVoxels(z, (v, i) => (i % 2 ? v : -1000));
          expect(noiseLevel(other, { brain, estimator: e })).toBe(noiseLevel(z, { brain, estimator: e }));
        }),
      ));
  });

  test("equals SciPy: moments, the root of Huber's equation, uniform_filter and median_abs_deviation", () => {
    interface Golden {
      readonly difference: Float32Array;
      readonly brain: Uint8Array;
      readonly shape: Vec3;
      readonly negatives: number;
      readonly huber: number;
      readonly highpassMad: number;
    }
    const g = golden<Golden>("enhancement/noise");
    const z = createVolume(g.difference, createGrid({ shape: g.shape }));
    const brain = createMask(g.brain, z.grid);
    expect(noiseLevel(z, { brain })).toBeCloseTo(g.negatives, 12);
    // Fifty iterations, or 1e-10 apart.
    expect(noiseLevel(z, { brain, estimator: "huber" })).toBeCloseTo(g.huber, 10);
    // Box means are stored in float32.
    expect(noiseLevel(z, { brain, estimator: "highpass-mad" })).toBeCloseTo(g.highpassMad, 8);
  });
});
