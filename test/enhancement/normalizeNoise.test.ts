import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noiseLevel } from "../../src/enhancement/noiseLevel.js";
import { denormalizeNoise, normalizeNoise } from "../../src/enhancement/normalizeNoise.js";
import { createGrid, createMask, createVolume, type Vec3, type Volume } from "../../src/index.js";
import { maskOf, volumeOf } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { maxAbsDifference } from "../support/oracles.js";
import { everywhere, mapVoxels, noise, rootMeanSquare } from "./oracles.js";

describe("normalizeNoise", () => {
  const white = noise([40, 40, 40], { sd: 0.04 });
  const brain = everywhere(white);
  const meanOf = ({ data }: Volume) => data.reduce((sum, v) => sum + v, 0) / data.length;

  test("cut off at ±2σ, noise has 0.8796 σ; normalised it then has 1.137 σ, or σ if that is corrected", () => {
    const found = normalizeNoise(white, { brain, sigma: 0.04, maskSigma: 0.04 });
    // At a corner a window repeats the border's voxels and knows few others, which costs some of the standard deviation.
    expect(meanOf(found.sd) / 0.04).toBeCloseTo(0.8796, 1.6);
    expect(rootMeanSquare(found.normalized) / 0.04).toBeCloseTo(1.137, 1.4);
    const corrected = normalizeNoise(white, { brain, sigma: 0.04, maskSigma: 0.04, correctTruncation: true });
    expect(meanOf(corrected.sd) / 0.04).toBeCloseTo(1, 1.6);
    expect(rootMeanSquare(corrected.normalized) / 0.04).toBeCloseTo(1, 1.4);
    expect(meanOf(corrected.sd) / meanOf(found.sd)).toBeCloseTo(1 / 0.8796256610342398, 5);
  });

  test("noise that doubles across the volume is evened out, and a slow offset taken out", () => {
    const uneven = mapVoxels(white, (v, i) => v * (1 + (i % 40) / 39) + 0.02);
    const { normalized, sigma } = normalizeNoise(uneven, { brain, sigmaVoxels: 6, correctTruncation: true });
    const unevenness = (v: Volume) => rootMeanSquare(v, (_, i) => i % 40 >= 30) / rootMeanSquare(v, (_, i) => i % 40 < 10);
    expect(unevenness(mapVoxels(uneven, (v) => v - 0.02))).toBeGreaterThan(1.6);
    // What is left: the band of ±2σ of the whole cuts off more of the louder side, and the window reaches across.
    expect(unevenness(normalized)).toBeLessThan(1.4);
    // The offset shifts the band too, so that some of it stays.
    expect(Math.abs(meanOf(normalized)) / sigma).toBeLessThan((0.5 * 0.02) / sigma);
  });

  test("by default σ is the negatives' and the band Huber's", () => {
    const { sigma, normalized, sd } = normalizeNoise(white, { brain });
    expect(sigma).toBe(noiseLevel(white, { brain }));
    const given = { brain, sigma, maskSigma: noiseLevel(white, { brain, estimator: "huber" }) };
    const again = normalizeNoise(white, given);
    expect(maxAbsDifference(again.normalized, normalized)).toBe(0);
    expect(maxAbsDifference(again.sd, sd)).toBe(0);
  });

  test("the brain's lesions hardly move the local moments", () => {
    const lesion = mapVoxels(white, (v, i) => (i % 100 === 50 ? v + 1 : v));
    const options = { brain, sigma: 0.04, maskSigma: 0.04 };
    const [with_, without] = [normalizeNoise(lesion, options), normalizeNoise(white, options)];
    expect(meanOf(with_.sd) / meanOf(without.sd)).toBeCloseTo(1, 2);
  });

  test("where there is no noise s is 1e-6 and z stays finite", () => {
    const stripped = mapVoxels(noise([60, 8, 8], { sd: 0.04 }), (v, i) => (i % 60 < 10 ? v : 0));
    const inner = createMask(
      stripped.data.map((_, i) => (i % 60 < 10 ? 1 : 0)),
      stripped.grid,
    );
    const { normalized, sd } = normalizeNoise(stripped, { brain: inner, sigmaVoxels: 2 });
    expect(sd.data[59]).toBe(Math.fround(1e-6));
    expect(normalized.data[59]).toBeCloseTo(0, 6);
    expect(normalized.data.every(Number.isFinite)).toBe(true);
  });

  test("refuses", () => {
    const refusal = (code: string) => expect.objectContaining({ code });
    const z = volumeOf([2, 1, 1], [1, 2]);
    const two = maskOf("##");
    expect(() => normalizeNoise(z, { brain: two })).toThrowError(refusal("not-prepared"));
    expect(() => normalizeNoise(z, { brain: two, sigma: 1 })).toThrowError(/negative/);
    expect(() => normalizeNoise(z, { brain: two, sigma: 0 })).toThrowError(/sigma must be positive/);
    expect(() => normalizeNoise(z, { brain: two, sigma: 1, maskSigma: -1 })).toThrowError(/maskSigma must be positive/);
    expect(() => normalizeNoise(z, { brain: two, sigma: 1, maskSigma: 1, sigmaVoxels: -1 })).toThrowError(
      refusal("out-of-range"),
    );
    // Nothing within the band.
    expect(() => normalizeNoise(z, { brain: two, sigma: 1, maskSigma: 0.1 })).toThrowError(refusal("empty-mask"));
    expect(() => normalizeNoise(z, { brain: maskOf("..") })).toThrowError(refusal("empty-mask"));
    expect(() => normalizeNoise(z, { brain: maskOf("#") })).toThrowError(refusal("grid-mismatch"));
    expect(() => normalizeNoise(volumeOf([2, 1, 1], [-1, Number.NaN]), { brain: two })).toThrowError(/NaN/);
    expect(() => denormalizeNoise(z, { mean: z, sd: volumeOf([1, 1, 1], [1]), sigma: 1 })).toThrowError(refusal("grid-mismatch"));
    expect(() => denormalizeNoise(z, { mean: z, sd: z, sigma: 0 })).toThrowError(refusal("out-of-range"));
  });

  describe("laws", () => {
    const some = () =>
      fc.record({
        seed: fc.nat(),
        sd: fc.double({ min: 0.01, max: 10, noNaN: true }),
        mean: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
      });
    const made = ({ seed, sd, mean }: { seed: number; sd: number; mean: number }) =>
      noise([9, 8, 7], { seed, sd, mean: mean * sd });
    const options = (z: Volume) => ({ brain: everywhere(z), sigmaVoxels: 3 });

    test("denormalize undoes normalize", () =>
      fc.assert(
        fc.property(some(), fc.boolean(), (what, correctTruncation) => {
          const z = made(what);
          const found = normalizeNoise(z, { ...options(z), correctTruncation });
          // z, m and s are each rounded to float32; all are of the size of the noise's largest voxel.
          const scale = z.data.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
          expect(maxAbsDifference(denormalizeNoise(found.normalized, found), z)).toBeLessThan(4e-7 * scale);
        }),
      ));

    test("scaling the image by k scales everything by k", () =>
      fc.assert(
        fc.property(some(), fc.integer({ min: -2, max: 6 }), (what, power) => {
          const z = made(what);
          const k = 2 ** power;
          const [a, b] = [
            normalizeNoise(z, options(z)),
            normalizeNoise(
              mapVoxels(z, (v) => k * v),
              options(z),
            ),
          ];
          expect(b.sigma / (k * a.sigma)).toBeCloseTo(1, 9);
          // The 1e-8 beside G∗M is no longer seen; a power of two rounds alike.
          for (const name of ["mean", "sd", "normalized"] as const)
            expect(
              maxAbsDifference(
                b[name],
                mapVoxels(a[name], (v) => k * v),
              ),
            ).toBeLessThan(1e-5 * k * a.sigma);
        }),
      ));
  });

  test("equals SciPy with ITK's kernel", () => {
    interface Golden {
      readonly difference: Float32Array;
      readonly brain: Uint8Array;
      readonly shape: Vec3;
      readonly mean: Float32Array;
      readonly sd: Float32Array;
    }
    const g = golden<Golden>("enhancement/noise");
    const z = createVolume(g.difference, createGrid({ shape: g.shape }));
    const { mean, sd, normalized, sigma } = normalizeNoise(z, { brain: createMask(g.brain, z.grid) });
    // The recursive blur is good to 1.5e-5 of its input's range: 0.15 for z, 0.006 for its square, here 0.04 for s.
    expect(maxAbsDifference(mean, { data: g.mean })).toBeLessThan(2.5e-6);
    expect(maxAbsDifference(sd, { data: g.sd })).toBeLessThan(2.5e-6);
    const expected = z.data.map((v, i) => ((v - g.mean[i]!) / g.sd[i]!) * sigma);
    // Relative 6e-5 of s, on a largest z of 1.
    expect(maxAbsDifference(normalized, { data: expected })).toBeLessThan(1e-4);
  });
});
