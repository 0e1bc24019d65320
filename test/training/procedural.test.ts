import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noiseLevel } from "../../src/enhancement/noiseLevel.js";
import { createGrid, createMask, createVolume, type Vec3 } from "../../src/index.js";
import {
  applyOperators,
  bandKernel,
  convolutionOperator,
  gaussianKernel,
  sliceOperator,
} from "../../src/training/procedural/axisOperator.js";
import { createDraws } from "../../src/training/procedural/draws.js";
import { fillQuantiles } from "../../src/training/procedural/fillQuantiles.js";
import { proceduralScan } from "../../src/training/procedural/proceduralScan.js";
import { createScanner, highPassLevel, highPassMad, scannerNoise } from "../../src/training/procedural/scanner.js";
import { smoothField } from "../../src/training/procedural/smoothField.js";

const seeds = () => fc.integer({ min: 0, max: 2 ** 48 });
const moments = (values: ArrayLike<number>) => {
  const all = Array.from(values);
  const mean = all.reduce((sum, v) => sum + v, 0) / all.length;
  return { mean, variance: all.reduce((sum, v) => sum + (v - mean) ** 2, 0) / all.length };
};

describe("fillQuantiles", () => {
  test("is standard normal", () => {
    const values = new Float32Array(400_000);
    fillQuantiles(values, 3, 1);
    const { mean, variance } = moments(values);
    // Four standard errors of 400 000 normal numbers.
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(400_000));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / 400_000));
    const below = (z: number) => values.filter((v) => v < z).length / values.length;
    // Φ(−1), Φ(0.5), Φ(2), Φ(3); four standard errors.
    for (const [z, p] of [
      [-1, 0.158655],
      [0.5, 0.691462],
      [2, 0.97725],
      [3, 0.99865],
    ] as const)
      expect(Math.abs(below(z) - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / values.length));
    // The farthest level is Φ⁻¹(65535.5/65536), scaled by less than 2e-4.
    expect(Math.abs(Math.max(...values.subarray(0, 100_000)))).toBeLessThanOrEqual(4.3258);
  });

  test("law: an element depends on seed, stream and place alone", () => {
    fc.assert(
      fc.property(seeds(), fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 40 }), (seed, stream, n) => {
        const [short, long] = [new Float32Array(n), new Float32Array(48)];
        fillQuantiles(short, seed, stream);
        fillQuantiles(long, seed, stream);
        expect(long.subarray(0, n)).toEqual(short);
      }),
    );
  });
});

describe("smoothField", () => {
  test("has zero mean and unit variance on the whole, whatever its cell", () => {
    for (const cell of [1.5, 3, 6]) {
      const all: number[] = [];
      for (let seed = 0; seed < 12; seed++) all.push(...smoothField(createDraws(seed), [24, 24, 24], cell));
      const { mean, variance } = moments(all);
      // Weights sum to (315/151)^1.5 = 3.01, so that is the standard error of the mean over √cells; that of the variance is twice √(2/cells), as neighbours
      // are alike. Four of each.
      const cells = 12 * (24 / cell) ** 3;
      expect(Math.abs(mean)).toBeLessThan(12.1 / Math.sqrt(cells));
      expect(Math.abs(variance - 1)).toBeLessThan(8 * Math.sqrt(2 / cells));
    }
  });

  test("law: neighbours differ by little where cells are large", () => {
    fc.assert(
      fc.property(seeds(), (seed) => {
        const field = smoothField(createDraws(seed), [20, 3, 2], [10, 4, 4]);
        // |dB₃/dx| sums to at most 4/3 over the lattice; numbers of at most 4.33, gain 1/0.48^1.5 = 3, a tenth of a cell: 4.33·3·4/3/10.
        for (let i = 1; i < 20; i++) expect(Math.abs(field[i]! - field[i - 1]!)).toBeLessThan(1.8);
      }),
    );
  });
});

describe("operators", () => {
  const shape: Vec3 = [9, 11, 10];
  const operators = (n: number) => [
    convolutionOperator(n, gaussianKernel(0.8), 3, 0.3),
    convolutionOperator(n, bandKernel(0.7), 4, -0.2),
    sliceOperator(n, { distance: 3.3, phase: 1, thickness: 1 }),
    sliceOperator(n, { distance: 2, phase: 0.4, thickness: 0 }),
  ];

  test("keep a constant, along every axis", () => {
    for (let axis = 0; axis < 3; axis++)
      for (const operator of operators(shape[axis]!)) {
        const along = [undefined, undefined, undefined].map((_, a) => (a === axis ? operator : undefined));
        const out = applyOperators(new Float32Array(990).fill(2), shape, along);
        // Up to 9 weights in float32 that sum to 1.
        for (const v of out) expect(Math.abs(v - 2)).toBeLessThan(1e-6);
      }
  });

  test("agree with the plain sum, along every axis", () => {
    const data = createDraws(5).normals(990);
    for (let axis = 0; axis < 3; axis++)
      for (const operator of operators(shape[axis]!)) {
        const { first, weights, taps } = operator;
        const out = applyOperators(
          data,
          shape,
          [0, 1, 2].map((a) => (a === axis ? operator : undefined)),
        );
        const stride = [1, 9, 99][axis]!;
        for (let v = 0; v < 990; v++) {
          const o = Math.floor(v / stride) % shape[axis]!;
          let sum = 0;
          for (let t = 0; t < taps; t++) sum += weights[o * taps + t]! * data[v + (first[o]! + t - o) * stride]!;
          // Sums in groups of four, kept in float32 between.
          expect(Math.abs(out[v]! - sum)).toBeLessThan(2e-6);
        }
      }
  });

  test("a Gaussian's shift moves a ramp by it", () => {
    const ramp = Float32Array.from({ length: 20 }, (_, i) => i);
    const out = applyOperators(ramp, [20, 1, 1], [convolutionOperator(20, gaussianKernel(0.8), 4, 0.25), undefined, undefined]);
    // The kernel is cut at 0.4 % of its maximum.
    for (let i = 6; i < 14; i++) expect(Math.abs(out[i]! - (i + 0.25))).toBeLessThan(0.01);
  });
});

describe("scannerNoise", () => {
  test("law: its high-pass level is 1, or its standard deviation 1.8", () => {
    fc.assert(
      fc.property(seeds(), (seed) => {
        const draws = createDraws(seed);
        const shape: Vec3 = [16, 15, 14];
        const noise = scannerNoise(draws, shape, createScanner(draws, shape, [0, 0, 0]));
        const level = highPassLevel(noise, shape);
        const rms = Math.sqrt(noise.reduce((sum, v) => sum + v * v, 0) / noise.length);
        if (Math.abs(level - 1) > 1e-5) {
          expect(level).toBeLessThan(1);
          expect(Math.abs(rms - 1.8)).toBeLessThan(1e-4);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("the patch's estimate is the library's", () => {
    const shape: Vec3 = [40, 40, 40];
    const data = createDraws(2)
      .normals(64_000)
      .map((v) => 0.03 * v);
    const grid = createGrid({ shape });
    const brain = createMask(new Uint8Array(64_000).fill(1), grid);
    const all = noiseLevel(createVolume(data, grid), { brain, estimator: "highpass-mad" });
    // Every eighth voxel: the median of 6859 absolute values has a standard error of 1.4 %.
    expect(Math.abs(highPassMad(data, shape, brain.data) / all - 1)).toBeLessThan(0.05);
    expect(highPassMad(data, shape, new Uint8Array(64_000))).toBeNaN();
  });
});

describe("proceduralScan", () => {
  const shape: Vec3 = [20, 16, 12];

  test("law: the seed decides all", () => {
    fc.assert(
      fc.property(seeds(), (seed) => {
        const [once, again] = [proceduralScan({ seed, shape }), proceduralScan({ seed, shape })];
        expect(again.sigma).toBe(once.sigma);
        for (const field of ["pre", "post", "uptake", "content"] as const)
          expect(Buffer.compare(Buffer.from(once[field].buffer), Buffer.from(again[field].buffer))).toBe(0);
      }),
      { numRuns: 10 },
    );
    expect(proceduralScan({ seed: 1, shape }).pre).not.toEqual(proceduralScan({ seed: 2, shape }).pre);
  });

  test("law: finite, in a scan's range, 0 outside the content, with noise as its σ says", () => {
    fc.assert(
      fc.property(seeds(), (seed) => {
        const { pre, post, uptake, content, sigma } = proceduralScan({ seed, shape });
        expect(sigma).toBeGreaterThan(0.004);
        expect(sigma).toBeLessThan(1);
        const largest = (values: Float32Array, where: number) =>
          values.reduce((most, v, i) => (content[i] === where ? Math.max(most, Math.abs(v)) : most), 0);
        // A comparison with NaN is false.
        expect([pre, post, uptake].map((values) => largest(values, 0))).toEqual([0, 0, 0]);
        expect([pre, post, uptake].every((values) => values.every((v) => Math.abs(v) < 30))).toBe(true);
        expect(largest(pre, 1)).toBeGreaterThan(0);
        const difference = post.map((v, i) => v - pre[i]!);
        const read = highPassMad(difference, shape, content);
        // exp(−0.1 ± 5 · 0.2)
        if (read > 0) expect(read / sigma).toBeLessThan(2.5);
      }),
      { numRuns: 25 },
    );
  });

  test("covers scans with and without ground, enhancement, a noisy first scan", () => {
    const scans = Array.from({ length: 50 }, (_, seed) => proceduralScan({ seed, shape: [16, 16, 16] }));
    const share = (is: (scan: (typeof scans)[number]) => boolean) => scans.filter(is).length / scans.length;
    const stripped = share(({ content }) => content.includes(0));
    const bright = share(({ uptake }) => uptake.some((v) => v > 0.3));
    expect(stripped).toBeGreaterThan(0.1);
    expect(stripped).toBeLessThan(0.5);
    expect(bright).toBeGreaterThan(0.4);
    expect(bright).toBeLessThan(0.98);
  });

  test("refuses shapes, seeds and ranges", () => {
    for (const wrong of [
      { seed: 1, shape: [7, 20, 20] },
      { seed: 1, shape: [20, 20, 20.5] },
      { seed: -1, shape },
      { seed: 1, shape, sigma: [0, 0.1] },
      { seed: 1, shape, sigma: [0.2, 0.1] },
    ] as const)
      expect(() => proceduralScan(wrong)).toThrow(expect.objectContaining({ code: "out-of-range" }));
  });
});
