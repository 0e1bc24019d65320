import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { histogramPeaks } from "../../src/calibration/histogramPeaks.js";
import { matchHistogramPeaks } from "../../src/calibration/matchHistogramPeaks.js";
import { createGrid, createVolume } from "../../src/index.js";
import { createRandom } from "../../src/internal/random.js";
import { maxAbsDifference } from "../support/oracles.js";
import { type HeadOptions, head, mapVoxels, padded } from "./oracles.js";

// Powers of two and whole numbers: a head of 1/256 grey levels is then copied without rounding.
const gain = () => fc.integer({ min: -4, max: 4 }).map((power) => 2 ** power);
const offset = () => fc.integer({ min: -500, max: 500 });
const method = () => fc.constantFrom("two-peaks" as const, "peak-and-width" as const);
const someHead = () =>
  fc.record({ seed: fc.nat(), tissue: fc.integer({ min: 60, max: 300 }), spread: fc.integer({ min: 5, max: 15 }) });
const made = (options: HeadOptions) => mapVoxels(head({ ...options, shape: [24, 24, 24] }), (v) => Math.round(256 * v) / 256);

describe("matchHistogramPeaks", () => {
  test("example: another window is undone", () => {
    const t1 = head();
    const {
      volume,
      gain: a,
      offset: t,
      referencePeaks,
      movingPeaks,
    } = matchHistogramPeaks(
      t1,
      mapVoxels(t1, (v) => 3 * v + 50),
    );
    expect(a).toBeCloseTo(1 / 3, 5);
    expect(t).toBeCloseTo(-50 / 3, 3);
    expect(maxAbsDifference(volume, t1)).toBeLessThan(1e-3);
    expect(referencePeaks.background).toBe(0);
    expect(movingPeaks.background).toBe(50);
  });

  test("with both backgrounds 0 it is the ratio of the tissue peaks", () => {
    const { gain: a, offset: t, referencePeaks, movingPeaks } = matchHistogramPeaks(head(), head({ seed: 2, tissue: 230 }));
    expect(t).toBe(0);
    expect(a).toBe(referencePeaks.tissue / movingPeaks.tissue);
  });

  test("scans may lie on different grids", () => {
    const moving = padded(
      mapVoxels(head(), (v) => 2 * v),
      3,
      0,
    );
    const { gain: a, volume } = matchHistogramPeaks(head(), moving);
    expect(a).toBeCloseTo(0.5, 6);
    expect(volume.grid).toBe(moving.grid);
  });

  test("refuses", () => {
    const random = createRandom(1);
    const cropped = createVolume(
      Float32Array.from({ length: 27000 }, () => random.normal(100, 10)),
      createGrid({ shape: [30, 30, 30] }),
    );
    expect(() => matchHistogramPeaks(head(), cropped)).toThrowError(/Only the moving scan has no|background/);
    expect(() => matchHistogramPeaks(cropped, head())).toThrowError(expect.objectContaining({ code: "not-converged" }));
    const below = mapVoxels(cropped, (v) => v - 1000);
    expect(() => matchHistogramPeaks(cropped, below)).toThrowError(/must lie above/);
    expect(() => matchHistogramPeaks(head(), head(), { method: "one-peak" as never })).toThrowError(/method/);
    expect(() =>
      matchHistogramPeaks(
        head(),
        mapVoxels(head(), () => 1),
      ),
    ).toThrowError(expect.objectContaining({ code: "out-of-range" }));
    // Too dark a valley is missing: the peak never falls to half.
    const ramp = createVolume(
      Float32Array.from({ length: 64000 }, (_, i) => (i % 2 ? 100 * Math.sqrt(random.uniform()) : 0)),
      createGrid({ shape: [40, 40, 40] }),
    );
    expect(() => matchHistogramPeaks(head(), ramp, { method: "peak-and-width", smoothing: 8 })).toThrowError(/no width/);
  });

  describe("laws", () => {
    test("an affine copy becomes the original, by either method", () =>
      fc.assert(
        fc.property(someHead(), gain(), offset(), method(), (options, a, t, m) => {
          const v = made(options);
          const { volume, referencePeaks } = matchHistogramPeaks(
            v,
            mapVoxels(v, (x) => a * x + t),
            { method: m },
          );
          // A voxel on the edge between two bins may fall to either side: hundredths of a bin.
          const slack = (m === "two-peaks" ? 0.05 : 0.5) * referencePeaks.binWidth;
          expect(maxAbsDifference(volume, v)).toBeLessThan(slack);
        }),
        { numRuns: 40 },
      ));

    test("twice is once", () =>
      fc.assert(
        fc.property(someHead(), someHead(), method(), (one, other, m) => {
          const [reference, moving] = [made(one), made(other)];
          const once = matchHistogramPeaks(reference, moving, { method: m }).volume;
          const again = matchHistogramPeaks(reference, once, { method: m });
          expect(maxAbsDifference(again.volume, once)).toBeLessThan(0.5 * again.referencePeaks.binWidth);
        }),
        { numRuns: 40 },
      ));

    test("afterwards the tissue peaks coincide, and the background is the reference's", () =>
      fc.assert(
        fc.property(someHead(), someHead(), gain(), offset(), (one, other, a, t) => {
          const reference = made(one);
          const { volume, referencePeaks } = matchHistogramPeaks(
            reference,
            mapVoxels(made(other), (x) => a * x + t),
          );
          const peaks = histogramPeaks(volume);
          expect(Math.abs(peaks.tissue - referencePeaks.tissue)).toBeLessThan(referencePeaks.binWidth);
          // The background is mapped exactly, but for the rounding of gain·x + offset.
          expect(Math.abs(peaks.background - referencePeaks.background)).toBeLessThan((1e-6 * (500 + 400 * a)) / a);
        }),
        { numRuns: 40 },
      ));

    test("padding of either scan changes nothing", () =>
      fc.assert(
        fc.property(someHead(), someHead(), fc.integer({ min: 1, max: 10 }), method(), (one, other, margin, m) => {
          const [reference, moving] = [made(one), made(other)];
          const plain = matchHistogramPeaks(reference, moving, { method: m });
          const more = matchHistogramPeaks(reference, padded(moving, margin, 0), { method: m });
          expect(more.gain).toBeCloseTo(plain.gain, 9);
          expect(more.offset).toBeCloseTo(plain.offset, 6);
        }),
        { numRuns: 40 },
      ));

    test("what enhances stays brighter than before the agent", () =>
      fc.assert(
        fc.property(fc.nat(), fc.integer({ min: 40, max: 200 }), gain(), (seed, enhancement, a) => {
          const pre = made({ seed });
          const post = mapVoxels(made({ seed, enhancement }), (v) => a * v);
          const { volume } = matchHistogramPeaks(pre, post);
          const sum = pre.data.reduce((s, v, i) => s + (post.data[i]! / a - v > 20 ? volume.data[i]! - v : 0), 0);
          expect(sum).toBeGreaterThan(0);
        }),
        { numRuns: 40 },
      ));
  });
});
