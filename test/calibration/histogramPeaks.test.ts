import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { histogramPeaks } from "../../src/calibration/histogramPeaks.js";
import { createGrid, createMask, createVolume, type Vec3 } from "../../src/index.js";
import { createRandom } from "../../src/internal/random.js";
import { volumeOf } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { head, mapVoxels, padded } from "./oracles.js";

describe("histogramPeaks", () => {
  test("a stripped head: the background is its exact value, the tissue where it was put", () => {
    const { background, tissue, width, valley, prominence } = histogramPeaks(head({ tissue: 100, spread: 12 }));
    expect(background).toBe(0);
    // The mode of some 20,000 normal numbers, smoothed: good to a fifth of their spread.
    expect(Math.abs(tissue - 100)).toBeLessThan(2.4);
    // FWHM = 2√(2 ln 2)·σ, slightly wider by the smoothing.
    expect(width / (2 * Math.sqrt(2 * Math.log(2)) * 12)).toBeCloseTo(1, 0.9);
    expect(valley).toBeGreaterThan(0);
    expect(valley).toBeLessThan(70);
    expect(prominence).toBeGreaterThan(0.9);
  });

  test("a head in noisy air: the background is the air's peak", () => {
    const air = head({ background: (normal) => 5 * Math.hypot(normal(), normal()) });
    // The mode of Rayleigh noise is its σ.
    expect(Math.abs(histogramPeaks(air).background - 5)).toBeLessThan(1.5);
    expect(Math.abs(histogramPeaks(air).tissue - 100)).toBeLessThan(2.4);
  });

  test("negative voxels and a background that isn't 0", () => {
    const ringing = mapVoxels(head(), (v, i) => (i % 50 === 0 && v !== 0 ? -0.2 * v : v));
    expect(histogramPeaks(ringing).background).toBe(0);
    expect(Math.abs(histogramPeaks(ringing).tissue - 100)).toBeLessThan(2.4);
    const shifted = histogramPeaks(mapVoxels(head(), (v) => v - 1000));
    expect(shifted.background).toBe(-1000);
    expect(Math.abs(shifted.tissue + 900)).toBeLessThan(2.4);
  });

  test("an image cropped to tissue has no background: 0, and no valley", () => {
    const random = createRandom(3);
    const data = Float32Array.from({ length: 30 ** 3 }, () => random.normal(100, 12));
    const { background, tissue, valley } = histogramPeaks(createVolume(data, createGrid({ shape: [30, 30, 30] })));
    expect(background).toBe(0);
    expect(valley).toBeUndefined();
    expect(Math.abs(tissue - 100)).toBeLessThan(2.4);
  });

  test("a binary image: its two values", () => {
    const { background, tissue } = histogramPeaks(mapVoxels(head(), (v) => (v > 0 ? 7 : 0)));
    expect(background).toBe(0);
    expect(tissue).toBeCloseTo(7, 6);
  });

  test("a spike of zeros a thousand times the tissue's height changes nothing", () => {
    const small = head();
    const huge = padded(small, 60, 0);
    expect(histogramPeaks(huge).tissue).toBeCloseTo(histogramPeaks(small).tissue, 9);
  });

  test("few grey levels, fewer bins", () => {
    const grey = mapVoxels(head({ tissue: 20, spread: 3 }), Math.round);
    expect(Math.abs(histogramPeaks(grey, { bins: 32 }).tissue - 20)).toBeLessThan(1);
  });

  test("a peak that doesn't fall to half has no width", () => {
    const random = createRandom(4);
    // A ramp of counts up to a cliff at the upper end.
    const data = Float32Array.from({ length: 40 ** 3 }, (_, i) => (i % 2 ? 100 * Math.sqrt(random.uniform()) : 0));
    const ramp = histogramPeaks(createVolume(data, createGrid({ shape: [40, 40, 40] })), { smoothing: 8 });
    expect(ramp.width).toBeNaN();
    expect(ramp.tissue).toBeGreaterThan(85);
  });

  test("refuses a histogram without a tissue peak", () => {
    const falling = createVolume(
      Float32Array.from({ length: 27000 }, (_, i) => -Math.log((i + 0.5) / 27000)),
      createGrid({ shape: [30, 30, 30] }),
    );
    expect(() => histogramPeaks(falling)).toThrowError(expect.objectContaining({ code: "not-converged" }));
    expect(() => histogramPeaks(falling)).toThrowError(/prominence/);
    const even = createVolume(
      Float32Array.from({ length: 25600 }, (_, i) => i % 256),
      createGrid({ shape: [16, 16, 100] }),
    );
    expect(() => histogramPeaks(even, { percentile: 100 })).toThrowError(expect.objectContaining({ code: "not-converged" }));
  });

  const small = volumeOf([2, 2, 2], [0, 0, 1, 2, 3, 4, 5, 6]);
  const elsewhere = createMask([1], createGrid({ shape: [1, 1, 1] }));
  test.each([
    ["a constant image", volumeOf([2, 2, 2], new Array(8).fill(3)), {}, "out-of-range", /constant/],
    ["NaN", volumeOf([2, 1, 1], [1, Number.NaN]), {}, "out-of-range", /NaN/],
    ["an infinite voxel", volumeOf([2, 1, 1], [1, Number.NEGATIVE_INFINITY]), {}, "out-of-range", /infinite/],
    ["too few bins", small, { bins: 4 }, "out-of-range", /bins/],
    ["half a bin", small, { bins: 20.5 }, "out-of-range", /bins/],
    ["negative smoothing", small, { smoothing: -1 }, "out-of-range", /smoothing/],
    ["a low percentile", small, { percentile: 40 }, "out-of-range", /percentile/],
    ["a prominence above 1", small, { minProminence: 2 }, "out-of-range", /minProminence/],
    ["an empty mask", small, { mask: createMask(new Uint8Array(8), small.grid) }, "empty-mask", /mask/],
    ["a mask of another grid", small, { mask: elsewhere }, "grid-mismatch", /grids/],
  ] as const)("refuses %s", (_, volume, options, code, message) => {
    expect(() => histogramPeaks(volume, options)).toThrowError(message);
    expect(() => histogramPeaks(volume, options)).toThrowError(expect.objectContaining({ code }));
  });

  describe("laws", () => {
    const someHead = () =>
      fc.record({
        seed: fc.nat(),
        tissue: fc.integer({ min: 60, max: 300 }),
        spread: fc.integer({ min: 5, max: 15 }),
        shape: fc.constant<Vec3>([24, 24, 24]),
      });

    test("peaks move with gain and offset", () =>
      fc.assert(
        fc.property(someHead(), fc.integer({ min: -4, max: 4 }), fc.integer({ min: -500, max: 500 }), (options, power, t) => {
          // Heads of 1/256 grey levels, powers of two and whole numbers: copies without rounding.
          const v = mapVoxels(head(options), (x) => Math.round(256 * x) / 256);
          const a = 2 ** power;
          const before = histogramPeaks(v);
          const after = histogramPeaks(mapVoxels(v, (x) => a * x + t));
          expect(after.background).toBe(a * before.background + t);
          // A voxel on the edge between two bins may fall to either side: hundredths of a bin.
          expect(Math.abs((after.tissue - t) / a - before.tissue)).toBeLessThan(0.05 * before.binWidth);
        }),
        { numRuns: 40 },
      ));

    test("padding changes nothing", () =>
      fc.assert(
        fc.property(someHead(), fc.integer({ min: 1, max: 12 }), (options, margin) => {
          const v = head(options);
          const [a, b] = [histogramPeaks(v), histogramPeaks(padded(v, margin, 0))];
          expect(b.background).toBe(a.background);
          // Only the spike's counts grow; the tissue's bins are the same, but for the rounding of sums.
          expect(b.tissue).toBeCloseTo(a.tissue, 9);
        }),
        { numRuns: 40 },
      ));

    test("the order of the voxels plays no part, but for the corners", () =>
      fc.assert(
        fc.property(someHead(), (options) => {
          const v = head(options);
          expect(histogramPeaks(createVolume(v.data.slice().reverse(), v.grid))).toEqual(histogramPeaks(v));
        }),
        { numRuns: 20 },
      ));
  });

  test("equals NumPy and SciPy", () => {
    interface Peaks {
      readonly low: number;
      readonly binWidth: number;
      readonly counts: Float64Array;
      readonly tissue: number;
      readonly width: number;
    }
    const g = golden<{ volume: Float32Array; mask: Uint8Array; shape: Vec3; whole: Peaks; coarse: Peaks; masked: Peaks }>(
      "calibration/peaks",
    );
    const grid = createGrid({ shape: g.shape });
    const volume = createVolume(g.volume, grid);
    const check = (found: ReturnType<typeof histogramPeaks>, expected: Peaks) => {
      expect(found.low).toBeCloseTo(expected.low, 9);
      expect(found.binWidth).toBeCloseTo(expected.binWidth, 9);
      expect(found.counts.length).toBe(expected.counts.length);
      expected.counts.forEach((count, bin) => expect(found.counts[bin]).toBeCloseTo(count, 7));
      expect(found.tissue).toBeCloseTo(expected.tissue, 7);
      expect(found.width).toBeCloseTo(expected.width, 7);
    };
    check(histogramPeaks(volume), g.whole);
    check(histogramPeaks(volume, { bins: 64, smoothing: 1.5, percentile: 98 }), g.coarse);
    check(histogramPeaks(volume, { mask: createMask(g.mask, grid) }), g.masked);
  });
});
