import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrid, createMask, createVolume, type Volume } from "../../src/index.js";
import { enhancementRegion, mae, maeEnhancement } from "../../src/metrics/index.js";
import { maskOf, maskOn, pairOnOneGrid, volumeOf } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { codeOf } from "./oracles.js";

describe("enhancementRegion and maeEnhancement", () => {
  const pre = volumeOf([5, 1, 1], [0.5, 0.5, 0.5, 0.5, 0.5]);
  const post = volumeOf([5, 1, 1], [0.5, 0.55, 0.75, 1, 1]);
  const brain = maskOf("####.");

  test("examples", () => {
    const options = { brain, sigmaVoxels: 0 };
    expect([...enhancementRegion(pre, post, options).data]).toEqual([0, 0, 1, 1, 0]);
    expect([...enhancementRegion(pre, post, { ...options, threshold: 0.25 }).data]).toEqual([0, 0, 0, 1, 0]);
    expect(maeEnhancement(pre, post, pre, options)).toBeCloseTo(0.375, 12);
    expect(maeEnhancement(pre, post, post, options)).toBe(0);
  });

  test("where nothing enhances there is no error to measure", () => {
    expect(enhancementRegion(pre, pre, { brain }).data.includes(1)).toBe(false);
    expect(maeEnhancement(pre, pre, post, { brain })).toBeNaN();
  });

  test("refuses", () => {
    expect(() => enhancementRegion(pre, post, { brain: maskOf(".....") })).toThrowError(/brain has no voxel/);
    expect(codeOf(() => enhancementRegion(pre, volumeOf([1, 5, 1], [0, 0, 0, 0, 0]), { brain }))).toBe("grid-mismatch");
    expect(codeOf(() => enhancementRegion(pre, post, { brain: maskOf("##") }))).toBe("grid-mismatch");
    expect(codeOf(() => maeEnhancement(pre, post, volumeOf([1, 5, 1], [0, 0, 0, 0, 0]), { brain }))).toBe("grid-mismatch");
    for (const sigmaVoxels of [-1, Number.NaN])
      expect(() => enhancementRegion(pre, post, { brain, sigmaVoxels })).toThrowError(/sigmaVoxels/);
    expect(() => enhancementRegion(pre, post, { brain, threshold: Number.NaN })).toThrowError(/threshold/);
    const bad = volumeOf([5, 1, 1], [0, 0, 0, 0, Number.NaN]);
    expect(() => enhancementRegion(bad, post, { brain })).toThrowError(/pre-contrast/);
    expect(() => enhancementRegion(pre, bad, { brain })).toThrowError(/post-contrast/);
  });

  describe("laws", () => {
    test("it is the mean absolute error over the region, and a linear dose d leaves 1 − d of it", () => {
      const cases = pairOnOneGrid().chain(([a, b]) => fc.tuple(fc.constant(a), fc.constant(b), maskOn(a.grid)));
      fc.assert(
        fc.property(cases, fc.double({ min: 0, max: 1, noNaN: true }), ([pre, post, brain], d) => {
          fc.pre(brain.data.includes(1));
          const mask = enhancementRegion(pre, post, { brain, threshold: 1 });
          expect(mask.data.every((v, i) => v <= brain.data[i]!)).toBe(true);
          const none = maeEnhancement(pre, post, pre, { brain, threshold: 1 });
          if (!mask.data.includes(1)) {
            expect(none).toBeNaN();
            return;
          }
          expect(none).toBe(mae(post, pre, { mask }));
          const low = createVolume(
            pre.data.map((v, i) => v + d * (post.data[i]! - v)),
            pre.grid,
          );
          // Voxels up to 4000 are rounded to 2⁻¹³ at most.
          expect(Math.abs(maeEnhancement(pre, post, low, { brain, threshold: 1 }) - (1 - d) * none)).toBeLessThan(3e-4);
        }),
      );
    });
  });

  test("equals SciPy's Gaussian", () => {
    const stored = golden<{
      shape: [number, number, number];
      pre: Float32Array;
      post: Float32Array;
      brain: Uint8Array;
      region: Uint8Array;
      error: number;
    }>("metrics/enhancement");
    const grid = createGrid({ shape: stored.shape });
    const volumes = [stored.pre, stored.post].map((data) => createVolume(data, grid)) as [Volume, Volume];
    const options = { brain: createMask(stored.brain, grid) };
    expect([...enhancementRegion(...volumes, options).data]).toEqual([...stored.region]);
    expect(maeEnhancement(...volumes, volumes[0], options)).toBeCloseTo(stored.error, 12);
  });
});
