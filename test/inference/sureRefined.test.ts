import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noiseLevel } from "../../src/enhancement/noiseLevel.js";
import { subtract } from "../../src/enhancement/subtract.js";
import { gaussian } from "../../src/filters/gaussian.js";
import { createGrid, createVolume, type Vec3 } from "../../src/index.js";
import { type LowDoseScan, linearExtrapolation, smoothedExtrapolation } from "../../src/inference/restorer.js";
import { sureRefined } from "../../src/inference/sureRefined.js";
import { noise as noiseOf } from "../enhancement/oracles.js";
import { eachVoxel, maxAbsDifference } from "../support/oracles.js";
import { giving, goldenScan } from "./givenSignal.js";

const shape: Vec3 = [20, 18, 16];
const grid = createGrid({ shape });
const count = 20 * 18 * 16;
const everywhere = { grid, data: new Uint8Array(count).fill(1) };

/** Ripples that differ along the axes, at a level; the low dose with white noise. */
function rippled(seed: number, { dose = 0.3, noise = 0.05 } = {}) {
  const white = noiseOf(shape, { seed, sd: noise }).data;
  const truth = new Float32Array(count);
  eachVoxel(shape, (i, _j, k, v) => {
    truth[v] = 0.7 + 0.2 * Math.sin(0.5 * k) + 0.1 * Math.sin(0.25 * i);
  });
  const pre = createVolume(
    truth.map((s) => 1 - 0.3 * s),
    grid,
  );
  const low = createVolume(
    pre.data.map((v, n) => v + dose * truth[n]! + white[n]!),
    grid,
  );
  return { truth, scan: { pre, low, dose, brain: everywhere } satisfies LowDoseScan };
}

const meanSquare = ({ data }: { data: ArrayLike<number> }, truth: Float32Array) =>
  truth.reduce((sum, s, v) => sum + (data[v]! - s) ** 2, 0) / truth.length;

describe("sureRefined", () => {
  test("golden: the filters that SciPy fits, one for each level; what is outside, unchanged or rare stays", async () => {
    const { scan, noise, pre, low, given, brain, signal } = goldenScan<Float64Array>("inference/sure", [20, 15, 14]);
    const refined = await sureRefined(giving(given), { sigma: noise }).signal(scan);
    expect(maxAbsDifference({ data: signal }, { data: given })).toBeGreaterThan(0.05);
    // y = (low − pre)/d is rounded to float32 twice, at values up to 2/0.25.
    expect(maxAbsDifference(refined, { data: signal })).toBeLessThan(2e-6);
    brain.forEach((inside, v) => {
      if (!inside || low[v] === pre[v]) expect(refined.data[v]).toBe(given[v]);
    });
  });

  test("law: what is smoothed too little comes nearer to the standard dose, which is never seen", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0.05, max: 0.6, noNaN: true }),
        fc.double({ min: 0.3, max: 0.5, noNaN: true }),
        async (seed, dose, sigmaVoxels) => {
          const { truth, scan } = rippled(seed, { dose, noise: 0.3 * dose });
          const smoothed = smoothedExtrapolation({ sigmaVoxels });
          const [before, after] = [await smoothed.signal(scan), await sureRefined(smoothed).signal(scan)];
          expect(meanSquare(after, truth)).toBeLessThan(0.9 * meanSquare(before, truth));
        },
      ),
      { numRuns: 20 },
    );
  });

  test("grain, which neighbours share, isn't taken for enhancement", async () => {
    const grain = gaussian(noiseOf(shape, { seed: 5 }), { sigmaVoxels: 0.7 });
    const truth = new Float32Array(count);
    eachVoxel(shape, (i, _j, k, v) => {
      truth[v] = i < 12 ? 0 : 0.7 + 0.2 * Math.sin(0.5 * k);
    });
    const pre = createVolume(new Float32Array(count).fill(1), grid);
    const low = createVolume(
      truth.map((s, v) => 1 + 0.3 * s + 0.15 * grain.data[v]!),
      grid,
    );
    const scan = { pre, low, dose: 0.3, brain: everywhere };
    const smoothed = smoothedExtrapolation({ sigmaVoxels: 1.5 });
    const sigma = noiseLevel(subtract(pre, low), { brain: everywhere, estimator: "highpass-mad" });
    const asWhite = meanSquare(await sureRefined(smoothed, { sigma }).signal(scan), truth);
    expect(meanSquare(await sureRefined(smoothed).signal(scan), truth)).toBeLessThan(0.95 * asWhite);
  });

  test("law: a mirrored scan is refined to the mirror image", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(0, 1, 2), async (seed, axis) => {
        const { scan } = rippled(seed);
        const mirror = (data: Float32Array) => {
          const out = new Float32Array(count);
          eachVoxel(shape, (i, j, k, v) => {
            const [a, b, c] = [i, j, k].map((n, along) => (along === axis ? shape[along as 0]! - 1 - n : n)) as [
              number,
              number,
              number,
            ];
            out[a + shape[0] * (b + shape[1] * c)] = data[v]!;
          });
          return createVolume(out, grid);
        };
        const flipped = { ...scan, pre: mirror(scan.pre.data as Float32Array), low: mirror(scan.low.data as Float32Array) };
        const refined = sureRefined(smoothedExtrapolation(), { sigma: 0.05 });
        const straight = await refined.signal(scan);
        // Sums over 5760 voxels in another order, in float64; then float32.
        expect(maxAbsDifference(await refined.signal(flipped), mirror(straight.data as Float32Array))).toBeLessThan(1e-6);
      }),
      { numRuns: 10 },
    );
  });

  test("nothing is done where there is no noise, at the standard dose, or with too few voxels", async () => {
    const { scan } = rippled(1);
    const linear = linearExtrapolation();
    const unchanged = (await linear.signal(scan)).data;
    expect((await sureRefined(linear, { sigma: 0 }).signal(scan)).data).toEqual(unchanged);
    const full = { ...scan, dose: 1 };
    expect((await sureRefined(linear, { sigma: 1 }).signal(full)).data).toEqual((await linear.signal(full)).data);
    const few = { ...scan, brain: { grid, data: everywhere.data.map((_, v) => (v < 999 ? 1 : 0)) } };
    expect((await sureRefined(linear, { sigma: 0.05 }).signal(few)).data).toEqual(unchanged);
    // The linear extrapolation has all of the noise: with as many voxels as are asked for, it is taken away.
    expect((await sureRefined(linear, { sigma: 0.05 }).signal(scan)).data).not.toEqual(unchanged);
  });

  test("keeps the name, refuses a negative sigma, is cancelled", async () => {
    expect(sureRefined(linearExtrapolation()).name).toBe("linear");
    expect(() => sureRefined(linearExtrapolation(), { sigma: -1 })).toThrow(expect.objectContaining({ code: "out-of-range" }));
    const { scan } = rippled(1);
    const signal = AbortSignal.abort();
    await expect(Promise.resolve(sureRefined(linearExtrapolation()).signal(scan, { signal }))).rejects.toMatchObject({
      code: "aborted",
    });
  });
});
