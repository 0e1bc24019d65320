import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type GaussianOptions, gaussian } from "../../src/filters/gaussian.js";
import { gaussianKernel } from "../../src/filters/gaussianKernel.js";
import { halvedKernel } from "../../src/filters/halving.js";
import { slidingCosines } from "../../src/filters/slidingCosines.js";
import { createGrid, createVolume, isGadoliniteError, type Vec3, type Volume } from "../../src/index.js";
import { fillNormal } from "../../src/internal/random.js";
import { grid, shape, volume, volumeOf, volumeOn } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { eachVoxel, maxAbsDifference, scaleOf } from "../support/oracles.js";
import { type Boundary, slowSeparable } from "./oracles.js";

interface GoldenGaussian {
  shape: Vec3;
  volume: Float32Array;
  gaussian: { sigma: Vec3; boundary: Boundary; truncate: number; expected: Float64Array }[];
  discrete: { sigma: number; mass: number; radius: number; held: number; half: Float64Array }[];
}
const reference = golden<GoldenGaussian>("filters/gaussian");
const goldenVolume = createVolume(reference.volume, createGrid({ shape: reference.shape }));

// Stored in float32 after each axis: three roundings of half a unit in the last place, 2⁻²⁴ each.
const ROUNDING = 3 * 2 ** -24;
const METHODS = ["exact", "recursive"] as const;

const boundary = () => fc.constantFrom<Boundary>("replicate", "reflect", "zero");
const sigma = (max = 4) => fc.double({ min: 0, max, noNaN: true });
const sigmas = (max = 4) => fc.tuple(sigma(max), sigma(max), sigma(max));
const kernel = () => fc.constantFrom("sampled" as const, "discrete" as const);
const method = () => fc.constantFrom(...METHODS);
const range = ({ data }: Volume) => data.reduce((m, v) => Math.max(m, v), 0) - data.reduce((m, v) => Math.min(m, v), 0);

describe("gaussian", () => {
  test("examples: the binomial-like kernel of a narrow blur", () => {
    const impulse = volumeOf([5, 1, 1], [0, 0, 1, 0, 0]);
    const [w0, w1] = [1 / (1 + 2 * Math.exp(-0.5 / 0.25)), 0];
    const out = gaussian(impulse, { sigmaVoxels: [0.5, 0, 0], truncate: 2 });
    expect(out.data[2]).toBeCloseTo(w0, 6);
    expect(out.data[1]).toBeCloseTo((1 - w0) / 2, 6);
    expect(out.data[0]).toBe(w1);
  });

  test("mm and voxels agree through the spacing", () => {
    const data = Float32Array.from({ length: 8 * 8 * 4 }, (_, i) => (i * 37) % 101);
    const thick = createVolume(data, createGrid({ shape: [8, 8, 4], spacingMm: [0.5, 1, 4] }));
    expect(gaussian(thick, { sigmaMm: 2 }).data).toEqual(gaussian(thick, { sigmaVoxels: [4, 2, 0.5] }).data);
  });

  describe("refuses", () => {
    const v = volumeOf([2, 1, 1], [1, 2]);
    const cases: [string, GaussianOptions, RegExp][] = [
      ["no sigma", {}, /sigmaVoxels or sigmaMm/],
      ["both sigmas", { sigmaVoxels: 1, sigmaMm: 1 }, /one of the two/],
      ["a negative sigma", { sigmaVoxels: [1, -1, 1] }, /sigmaVoxels/],
      ["a NaN sigma", { sigmaMm: Number.NaN }, /sigmaMm/],
      ["a huge sigma", { sigmaVoxels: 1e9 }, /10000/],
      ["truncate and mass", { sigmaVoxels: 1, truncate: 3, mass: 0.9 }, /truncate or mass/],
      ["a mass of 1", { sigmaVoxels: 1, mass: 1 }, /mass/],
      ["no tolerance", { sigmaVoxels: 1, tolerance: 0 }, /tolerance/],
      ["no truncate", { sigmaVoxels: 1, truncate: 0 }, /truncate/],
    ];
    test.each(cases)("%s", (_name, options, message) => {
      expect(() => gaussian(v, options)).toThrowError(message);
      try {
        gaussian(v, options);
      } catch (error) {
        expect(isGadoliniteError(error, "out-of-range")).toBe(true);
      }
    });

    test("names of a method, kernel or boundary that aren't there", () => {
      for (const wrong of [{ method: "fft" }, { kernel: "box" }, { boundary: "wrap" }])
        expect(() => gaussian(v, { sigmaVoxels: 1, ...wrong } as GaussianOptions)).toThrowError(/must be one of/);
    });

    test("NaN and infinite voxels, and mm on a sheared grid", () => {
      expect(() => gaussian(volumeOf([2, 1, 1], [1, Number.NaN]), { sigmaVoxels: 1 })).toThrowError(/NaN or infinite/);
      expect(() => gaussian(volumeOf([2, 1, 1], [1, Infinity]), { sigmaVoxels: 1 })).toThrowError(/NaN or infinite/);
      const sheared = createGrid({ shape: [2, 1, 1], affine: [1, 0.3, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] });
      expect(() => gaussian(createVolume(v.data, sheared), { sigmaMm: 1 })).toThrowError(/right angles/);
      expect(gaussian(createVolume(v.data, sheared), { sigmaVoxels: 1 }).data.length).toBe(2);
    });
  });

  describe("golden: scipy.ndimage.gaussian_filter", () => {
    test.each(reference.gaussian)("σ $sigma, $boundary, truncate $truncate", ({ sigma, boundary, truncate, expected }) => {
      const out = gaussian(goldenVolume, { sigmaVoxels: sigma, boundary, truncate, method: "exact" });
      expect(maxAbsDifference(out, { data: expected })).toBeLessThan(ROUNDING * scaleOf(goldenVolume));
      const fast = gaussian(goldenVolume, { sigmaVoxels: sigma, boundary, truncate, method: "recursive" });
      expect(maxAbsDifference(fast, { data: expected })).toBeLessThan(
        ROUNDING * scaleOf(goldenVolume) + 1.5e-4 * range(goldenVolume),
      );
    });
  });

  describe("the discrete kernel", () => {
    test.each(reference.discrete)(
      "σ $sigma, mass $mass: radius $radius, as by SciPy's Bessel functions",
      ({ sigma, mass, radius, half }) => {
        const weights = gaussianKernel(sigma, { kernel: "discrete", mass });
        expect(weights.length - 1).toBe(radius);
        weights.forEach((w, n) => {
          expect(w).toBeCloseTo(half[n]!, 14);
        });
      },
    );

    test("ITK's rule at variance 256: radius 41, k₀ = 0.025186, k₁₆ = 0.015264", () => {
      const weights = gaussianKernel(16, { kernel: "discrete", mass: 0.99 });
      expect(weights.length).toBe(42);
      expect(weights[0]).toBeCloseTo(0.025186, 6);
      expect(weights[16]).toBeCloseTo(0.015264, 6);
    });

    test("two blurs are one of the summed variance", () =>
      fc.assert(
        fc.property(sigma(2), sigma(2), (a, b) => {
          const [one, two] = [a, b].map((s) => gaussianKernel(s, { kernel: "discrete", truncate: 12 })) as [
            Float64Array,
            Float64Array,
          ];
          const both = gaussianKernel(Math.hypot(a, b), { kernel: "discrete", truncate: 12 });
          const at = (half: Float64Array, n: number) => half[Math.abs(n)] ?? 0;
          for (let n = 0; n < 5; n++) {
            let sum = 0;
            for (let m = -60; m <= 60; m++) sum += at(one, m) * at(two, n - m);
            // Narrow kernels are cut at 12 σ, where for σ → 0 little but not nothing is left.
            expect(Math.abs(sum - at(both, n))).toBeLessThan(a < 0.5 || b < 0.5 ? 0.05 : 1e-9);
          }
        }),
      ));

    test("weights are positive, fall with distance and sum to 1", () =>
      fc.assert(
        fc.property(sigma(30), kernel(), (s, k) => {
          const half = gaussianKernel(s, { kernel: k });
          const sum = half.reduce((total, w, n) => total + (n === 0 ? w : 2 * w), 0);
          expect(sum).toBeCloseTo(1, 13);
          for (let n = 1; n < half.length; n++) expect(half[n]!).toBeLessThanOrEqual(half[n - 1]!);
        }),
      ));
  });

  describe("laws", () => {
    test("equals the slow sum of products, whatever kernel and boundary", () =>
      fc.assert(
        fc.property(volume(6), sigmas(), kernel(), boundary(), (v, s, kernel, boundary) => {
          const halves = s.map((each) => gaussianKernel(each, { kernel }));
          const out = gaussian(v, { sigmaVoxels: s, kernel, boundary, method: "exact" });
          expect(maxAbsDifference(out, { data: slowSeparable(v, halves, boundary) })).toBeLessThan(ROUNDING * scaleOf(v));
        }),
      ));

    test("the recursive method stays within its tolerance of the exact one", () =>
      fc.assert(
        fc.property(
          volume(6),
          sigmas(20),
          kernel(),
          boundary(),
          fc.constantFrom(1.5e-4, 1e-6, 1e-2),
          (v, s, kernel, boundary, tolerance) => {
            const options = { sigmaVoxels: s, kernel, boundary, tolerance };
            const exact = gaussian(v, { ...options, method: "exact" });
            const fast = gaussian(v, { ...options, method: "recursive" });
            const span = boundary === "zero" ? Math.max(0, ...v.data) - Math.min(0, ...v.data) : range(v);
            expect(maxAbsDifference(exact, fast)).toBeLessThan(2 * ROUNDING * scaleOf(v) + tolerance * span);
          },
        ),
      ));

    test("so it does for the worst of images, black and white at random, as wide as the kernel", () => {
      const grid = createGrid({ shape: [150, 12, 90] });
      const data = new Float32Array(150 * 12 * 90);
      fillNormal(data, 4);
      const v = createVolume(
        data.map((x) => (x > 0 ? 1 : 0)),
        grid,
      );
      for (const [sigmaVoxels, boundary] of [
        [16, "replicate"],
        [33, "zero"],
        [16, "reflect"],
      ] as const) {
        const exact = gaussian(v, { sigmaVoxels, boundary, method: "exact" });
        const fast = gaussian(v, { sigmaVoxels, boundary, method: "recursive" });
        expect(maxAbsDifference(exact, fast)).toBeLessThan(1.5e-4);
      }
    });

    test("a volume is thinned out for a wide blur, and a kernel that ends abruptly is not", () => {
      expect(halvedKernel(gaussianKernel(16)).error).toBeLessThan(5e-5);
      expect(halvedKernel(gaussianKernel(16, { kernel: "discrete", mass: 0.99 })).error).toBeGreaterThan(1e-3);
      expect(halvedKernel(gaussianKernel(2)).error).toBeGreaterThan(1e-3);
    });

    test("the recursion doesn't drift along a line of 5000 voxels", () => {
      const n = 5000;
      const half = gaussianKernel(16);
      const { pad, apply } = slidingCosines(half, 1e-5);
      const line = new Float64Array(n + 2 * pad + 4);
      for (let i = 0; i < n + 2 * pad; i++) line[i] = (i * 7919) % 1000;
      const out = new Float64Array(n + 4);
      apply(line, out, n);
      let worst = 0;
      for (let i = 0; i < n; i++) {
        let sum = half[0]! * line[i + pad]!;
        for (let m = 1; m < half.length; m++) sum += half[m]! * (line[i + pad - m]! + line[i + pad + m]!);
        worst = Math.max(worst, Math.abs(sum - out[i]!));
      }
      expect(worst).toBeLessThan(0.5e-5 * 1000);
    });

    test("keeps constants", () =>
      fc.assert(
        fc.property(
          shape(),
          sigmas(20),
          method(),
          fc.constantFrom<Boundary>("replicate", "reflect"),
          (s, sigmaVoxels, method, boundary) => {
            const flat = volumeOf(s, new Float32Array(s[0] * s[1] * s[2]).fill(731.25));
            const out = gaussian(flat, { sigmaVoxels, method, boundary });
            expect(maxAbsDifference(out, flat)).toBeLessThan(ROUNDING * 731.25);
          },
        ),
      ));

    test("keeps the mean where the boundary reflects", () =>
      fc.assert(
        fc.property(volume(), sigmas(), method(), (v, sigmaVoxels, method) => {
          const mean = ({ data }: Volume) => data.reduce((a, b) => a + b, 0) / data.length;
          const out = gaussian(v, { sigmaVoxels, method, boundary: "reflect" });
          expect(Math.abs(mean(out) - mean(v))).toBeLessThan(ROUNDING * scaleOf(v) + 1.5e-4 * range(v));
        }),
      ));

    test("twice the image gives exactly twice the blur", () =>
      fc.assert(
        // Of whole numbers: doubling a subnormal float32 isn't exact.
        fc.property(
          grid(5).chain((g) => volumeOn(g, fc.integer({ min: -1000, max: 4000 }))),
          sigmas(),
          (v, sigmaVoxels) => {
            const doubled = createVolume(
              v.data.map((x) => 2 * x),
              v.grid,
            );
            const once = gaussian(v, { sigmaVoxels });
            expect(gaussian(doubled, { sigmaVoxels }).data).toEqual(once.data.map((x) => 2 * x));
          },
        ),
      ));

    test("commutes with flips", () =>
      fc.assert(
        fc.property(volume(), sigmas(), method(), boundary(), (v, sigmaVoxels, method, boundary) => {
          const options = { sigmaVoxels, method, boundary };
          const tolerance = 2 * ROUNDING * scaleOf(v);
          expect(maxAbsDifference(gaussian(flipped(v), options), flipped(gaussian(v, options)))).toBeLessThan(tolerance);
        }),
      ));

    test("stays between minimum and maximum", () =>
      fc.assert(
        fc.property(volume(), sigmas(), (v, sigmaVoxels) => {
          const slack = ROUNDING * scaleOf(v);
          const [low, high] = [Math.min(...v.data), Math.max(...v.data)];
          for (const x of gaussian(v, { sigmaVoxels }).data) {
            expect(x).toBeGreaterThan(low - slack);
            expect(x).toBeLessThan(high + slack);
          }
        }),
      ));

    test("σ = 0 gives a copy; inputs are never changed", () =>
      fc.assert(
        fc.property(volume(4), (v) => {
          const before = v.data.slice();
          const out = gaussian(v, { sigmaVoxels: 0 });
          gaussian(v, { sigmaVoxels: 2 });
          expect(out.data).toEqual(before);
          expect(out.data).not.toBe(v.data);
          expect(v.data).toEqual(before);
        }),
      ));
  });
});

/** The volume turned about all three axes. */
function flipped(v: Volume): Volume {
  const [ni, nj, nk] = v.grid.shape;
  const data = new Float32Array(v.data.length);
  eachVoxel(v.grid.shape, (i, j, k, at) => {
    data[at] = v.data[ni - 1 - i + ni * (nj - 1 - j + nj * (nk - 1 - k))]!;
  });
  return { grid: v.grid, data };
}
