import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrid, createMask, createVolume, type Vec3, type Volume } from "../../src/index.js";
import { mse, psnr, regionMean, type SsimWindow, ssim, ssimMap } from "../../src/metrics/index.js";
import { maskOf, maskOn, volumeOf, volumeOn } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { eachVoxel, maxAbsDifference } from "../support/oracles.js";
import { codeOf } from "./oracles.js";

const WINDOWS: readonly SsimWindow[] = [
  { kind: "uniform", size: 3 },
  { kind: "uniform", size: 5, covariance: "population" },
  { kind: "uniform", size: 3, perSlice: true },
  { kind: "gaussian", sigma: 0.6 },
  { kind: "gaussian", sigma: 0.7, radius: 1, perSlice: true, covariance: "sample" },
];

/** Both volumes on a grid of at least 5 voxels along each axis; zero, or of moderate size, in some of the slabs. */
const pair = () =>
  fc
    .tuple(...[0, 1, 2].map(() => fc.integer({ min: 5, max: 7 })), fc.double({ min: 0.5, max: 3, noNaN: true }))
    .map(([ni, nj, nk, mm]) => createGrid({ shape: [ni!, nj!, nk!], spacingMm: [1, mm!, 2] }))
    .chain((grid) => {
      const value = fc.oneof(
        { arbitrary: fc.constant(0), weight: 2 },
        fc.double({ min: -10, max: 40, noNaN: true }).map(Math.fround),
      );
      return fc.tuple(volumeOn(grid, value), volumeOn(grid, value));
    });

describe("ssim and ssimMap", () => {
  const flat = (value: number, shape: Vec3 = [7, 7, 7]) =>
    volumeOf(shape, new Float32Array(shape[0] * shape[1] * shape[2]).fill(value));

  test("two constants differ in luminance alone", () => {
    const c1 = 0.01 ** 2;
    const expected = (2 * 0.2 * 0.8 + c1) / (0.04 + 0.64 + c1);
    for (const window of WINDOWS) expect(ssim(flat(0.2), flat(0.8), { dataRange: 1, window })).toBeCloseTo(expected, 6);
  });

  test("volumes without a voxel other than 0 are alike", () => {
    expect(ssim(flat(0), flat(0), { dataRange: 1, window: "scikit-image" })).toBe(1);
    expect([...ssimMap(flat(0), flat(0), { dataRange: 1, window: "axial" }).data]).toEqual(new Array(343).fill(1));
  });

  test("refuses", () => {
    const options = { dataRange: 1, window: "scikit-image" } as const;
    expect(codeOf(() => ssim(flat(1), flat(1, [7, 7, 8]), options))).toBe("grid-mismatch");
    expect(() => ssim(flat(1, [7, 7, 6]), flat(1, [7, 7, 6]), options)).toThrowError(/window of 7×7×7 .* 7×7×6.*perSlice/);
    expect(ssim(flat(1, [7, 7, 6]), flat(1, [7, 7, 6]), { ...options, window: "axial" })).toBe(1);
    expect(() => ssim(flat(1), flat(1), { ...options, window: "wang" })).toThrowError(/11×11×11/);
    for (const size of [1, 4, 2.5, Number.NaN])
      expect(() => ssim(flat(1), flat(1), { dataRange: 1, window: { kind: "uniform", size } })).toThrowError(/odd integer/);
    for (const sigma of [0, -1, Number.NaN])
      expect(codeOf(() => ssim(flat(1), flat(1), { dataRange: 1, window: { kind: "gaussian", sigma } }))).toBe("out-of-range");
    for (const dataRange of [0, -1, Number.NaN])
      expect(() => ssim(flat(1), flat(1), { ...options, dataRange })).toThrowError(/dataRange/);
    expect(() => ssim(flat(1), flat(1), { ...options, dataRange: "reference-range" })).toThrowError(/range must be positive/);
    for (const bad of ["k1", "k2"]) expect(() => ssim(flat(1), flat(1), { ...options, [bad]: 0 })).toThrowError(new RegExp(bad));
    // biome-ignore lint/suspicious/noExplicitAny: a caller without types
    expect(() => ssim(flat(1), flat(1), { dataRange: 1, window: "skimage" as any })).toThrowError(
      /window must be scikit-image, wang/,
    );
    expect(codeOf(() => ssim(flat(1), flat(1), { ...options, mask: maskOf("#") }))).toBe("grid-mismatch");
    const none = createMask(new Uint8Array(343), flat(1).grid);
    expect(codeOf(() => ssim(flat(1), flat(1), { ...options, mask: none }))).toBe("empty-mask");
    const spoilt = flat(1);
    spoilt.data[5] = Number.NaN;
    expect(() => ssimMap(flat(1), spoilt, options)).toThrowError(/test volume has voxels/);
  });

  describe("laws", () => {
    test("equals sums over each window, voxel by voxel", () => {
      fc.assert(
        fc.property(pair(), fc.constantFrom(...WINDOWS), ([a, b], window) => {
          const map = ssimMap(a, b, { dataRange: 20, window });
          // The map is stored in float32.
          expect(maxAbsDifference(map, { data: slowMap(a, b, 20, window) })).toBeLessThan(2e-7);
        }),
        { numRuns: 30 },
      );
    });

    test("a volume is like itself, exactly", () => {
      fc.assert(
        fc.property(pair(), fc.constantFrom(...WINDOWS), ([a], window) => {
          expect(ssim(a, a, { dataRange: 1, window })).toBe(1);
          expect(ssimMap(a, a, { dataRange: 1, window }).data.every((v) => v === 1)).toBe(true);
        }),
      );
    });

    test("symmetric, and within −1 and 1", () => {
      fc.assert(
        fc.property(pair(), fc.constantFrom(...WINDOWS), ([a, b], window) => {
          const forth = ssimMap(a, b, { dataRange: 20, window });
          expect(maxAbsDifference(forth, ssimMap(b, a, { dataRange: 20, window }))).toBe(0);
          expect(forth.data.every((v) => v >= -1 && v <= 1)).toBe(true);
        }),
      );
    });

    test("unchanged by a common gain with its range", () => {
      fc.assert(
        fc.property(pair(), fc.constantFrom(...WINDOWS), fc.integer({ min: -12, max: 12 }), ([a, b], window, exponent) => {
          const scaled = ({ data, grid }: Volume) =>
            createVolume(
              data.map((v) => v * 2 ** exponent),
              grid,
            );
          const gained = ssim(scaled(a), scaled(b), { dataRange: 20 * 2 ** exponent, window });
          expect(gained).toBeCloseTo(ssim(a, b, { dataRange: 20, window }), 12);
        }),
      );
    });

    test("over a mask it is the mean of the map there; over all, of the voxels whose window fits", () => {
      const cases = pair().chain(([a, b]) => fc.tuple(fc.constant(a), fc.constant(b), maskOn(a.grid)));
      fc.assert(
        fc.property(cases, fc.constantFrom(...WINDOWS), ([a, b, mask], window) => {
          const options = { dataRange: 20, window };
          const map = ssimMap(a, b, options);
          if (mask.data.includes(1)) expect(ssim(a, b, { ...options, mask })).toBeCloseTo(regionMean(map, mask), 6);
          const [ri, rj, rk] = radiusOf(window);
          const [ni, nj, nk] = a.grid.shape;
          const inner = new Uint8Array(a.data.length);
          eachVoxel(a.grid.shape, (i, j, k, v) => {
            const fits = i >= ri && i < ni - ri && j >= rj && j < nj - rj && k >= rk && k < nk - rk;
            inner[v] = fits ? 1 : 0;
          });
          expect(ssim(a, b, options)).toBeCloseTo(regionMean(map, createMask(inner, a.grid)), 6);
        }),
      );
    });
  });

  describe("equals scikit-image", () => {
    interface Case extends Record<string, unknown> {
      readonly name: string;
      readonly shape: Vec3;
      readonly reference: Float32Array;
      readonly test: Float32Array;
      readonly dataRange: number;
      readonly uniform7Map: Float64Array;
      readonly gaussianMap: Float64Array;
    }
    const { cases } = golden<{ cases: Case[] }>("metrics/image");
    const windows: Record<string, SsimWindow> = {
      uniform7: "scikit-image",
      uniform7Population: { kind: "uniform", covariance: "population" },
      uniform5: { kind: "uniform", size: 5 },
      gaussian: "wang",
      gaussianSample: { kind: "gaussian", covariance: "sample" },
      gaussianSigma1: { kind: "gaussian", sigma: 1 },
      valid: "monai",
      slicesUniform7: "axial",
      slicesGaussian: { kind: "gaussian", perSlice: true },
    };

    test.each(cases)("$name", ({ name, shape, reference, test: judged, dataRange, ...expected }) => {
      const a = volumeOf(shape, reference);
      const b = volumeOf(shape, judged);
      expect(psnr(a, b, { dataRange })).toBeCloseTo(expected["psnr"] as number, 10);
      expect(Math.abs(mse(a, b) - (expected["mse"] as number))).toBeLessThan(1e-12);
      // Both sum in float64; at an offset of 4000 the variances of both keep 9 of 16 digits.
      const tolerance = name === "offset 4000" ? 1e-7 : 1e-11;
      for (const [key, window] of Object.entries(windows))
        expect(Math.abs(ssim(a, b, { dataRange, window }) - (expected[key] as number)), key).toBeLessThan(tolerance);
      const k1k2 = ssim(a, b, { dataRange, window: "scikit-image", k1: 0.02, k2: 0.05 });
      expect(Math.abs(k1k2 - (expected["k1k2"] as number))).toBeLessThan(tolerance);
      // Our maps are float32; single voxels at an offset of 4000 feel both programs' rounding.
      const ofVoxels = Math.max(1e-7, 10 * tolerance);
      expect(maxAbsDifference(ssimMap(a, b, { dataRange, window: "scikit-image" }), { data: expected.uniform7Map })).toBeLessThan(
        ofVoxels,
      );
      expect(maxAbsDifference(ssimMap(a, b, { dataRange, window: "wang" }), { data: expected.gaussianMap })).toBeLessThan(
        ofVoxels,
      );
    });
  });
});

const radiusOf = (window: SsimWindow): Vec3 => {
  if (typeof window === "string") throw new Error("not used here");
  const r = window.kind === "uniform" ? ((window.size ?? 7) - 1) / 2 : (window.radius ?? Math.floor(3.5 * window.sigma! + 0.5));
  return [r, r, window.perSlice ? 0 : r];
};

/** SSIM straight from its definition: the window's weights on each neighbour, mirrored at the border. */
function slowMap(a: Volume, b: Volume, range: number, window: SsimWindow): Float64Array {
  if (typeof window === "string") throw new Error("not used here");
  const { shape } = a.grid;
  const [ri, rj, rk] = radiusOf(window);
  const bell = (t: number) => (window.kind === "uniform" ? 1 : Math.exp((-t * t) / (2 * window.sigma! ** 2)));
  const mirror = (i: number, n: number) => (i < 0 ? -1 - i : i >= n ? 2 * n - 1 - i : i);
  const count = (2 * ri + 1) * (2 * rj + 1) * (2 * rk + 1);
  const sample = (window.covariance ?? (window.kind === "uniform" ? "sample" : "population")) === "sample";
  const factor = sample ? count / (count - 1) : 1;
  const c1 = (0.01 * range) ** 2;
  const c2 = (0.03 * range) ** 2;
  const map = new Float64Array(a.data.length);
  eachVoxel(shape, (i, j, k, index) => {
    const near: [number, number, number][] = [];
    for (let z = -rk; z <= rk; z++)
      for (let y = -rj; y <= rj; y++)
        for (let x = -ri; x <= ri; x++) {
          const at = mirror(i + x, shape[0]) + shape[0] * (mirror(j + y, shape[1]) + shape[1] * mirror(k + z, shape[2]));
          near.push([bell(x) * bell(y) * bell(z), a.data[at]!, b.data[at]!]);
        }
    const total = near.reduce((s, [w]) => s + w, 0);
    const mean = (f: (x: number, y: number) => number) => near.reduce((s, [w, x, y]) => s + w * f(x, y), 0) / total;
    const ma = mean((x) => x);
    const mb = mean((_, y) => y);
    const va = factor * mean((x) => (x - ma) ** 2);
    const vb = factor * mean((_, y) => (y - mb) ** 2);
    const cov = factor * mean((x, y) => (x - ma) * (y - mb));
    map[index] = ((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
  });
  return map;
}
