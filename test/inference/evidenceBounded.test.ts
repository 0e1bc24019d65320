import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noiseLevel } from "../../src/enhancement/noiseLevel.js";
import { subtract } from "../../src/enhancement/subtract.js";
import { gaussian } from "../../src/filters/gaussian.js";
import { createGrid, createVolume, type Vec3 } from "../../src/index.js";
import { evidenceBounded } from "../../src/inference/evidenceBounded.js";
import { type LowDoseScan, linearExtrapolation } from "../../src/inference/restorer.js";
import { noise } from "../enhancement/oracles.js";
import { eachVoxel } from "../support/oracles.js";
import { giving, goldenScan } from "./givenSignal.js";

const shape: Vec3 = [40, 32, 30];
const count = 40 * 32 * 30;
const grid = createGrid({ shape });
const everywhere = { grid, data: new Uint8Array(count).fill(1) };
const DOSE = 0.2;
const NOISE = 0.05;

/** A low dose of a signal, with this noise. */
function scanOf(truth: (v: number) => number, added: Float32Array): LowDoseScan {
  const pre = createVolume(new Float32Array(count).fill(0.7), grid);
  const low = createVolume(
    pre.data.map((p, v) => p + DOSE * truth(v) + added[v]!),
    grid,
  );
  return { pre, low, dose: DOSE, brain: everywhere };
}

const noisy = (seed: number): LowDoseScan => scanOf(() => 0, noise(shape, { seed, sd: NOISE }).data);

const shareAbove = (data: ArrayLike<number>, above: number) => Array.from(data).filter((s) => s > above).length / data.length;

describe("evidenceBounded", () => {
  test("golden: the same voxels as with SciPy's Gaussian", async () => {
    const { scan, noise: sigma, given, signal } = goldenScan<Float32Array>("inference/evidence", [16, 14, 12]);
    const bounded = await evidenceBounded(giving(given), { sigma }).signal(scan);
    expect(bounded.data).toEqual(signal);
    expect(signal).not.toEqual(given);
  });

  test("law: nothing becomes brighter, or darker than the bound; bounding again changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0.05, max: 1, noNaN: true }), async (seed, above) => {
        const scan = noisy(seed);
        const claimed = noise(shape, { seed: seed + 1, mean: 1 }).data;
        const { data } = await evidenceBounded(giving(claimed), { above, sigma: NOISE }).signal(scan);
        claimed.forEach((s, v) => {
          if (data[v] !== s && !(s > above && data[v] === Math.fround(above))) throw new Error(`${s} became ${data[v]}`);
        });
        expect((await evidenceBounded(giving(data as Float32Array), { above, sigma: NOISE }).signal(scan)).data).toEqual(data);
      }),
      { numRuns: 10 },
    );
  });

  test("law: of noise hardly anything is left above the bound", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
        const scan = noisy(seed);
        expect(shareAbove((await linearExtrapolation().signal(scan)).data, 0.2)).toBeGreaterThan(0.15);
        // 0.13 % of neighbourhoods are beyond three standard deviations of 0, less of them beyond 0.05 and three; 0.003 % of voxels beyond four.
        expect(shareAbove((await evidenceBounded(linearExtrapolation()).signal(scan)).data, 0.2)).toBeLessThan(0.002);
      }),
      { numRuns: 10 },
    );
  });

  test("what enhances stays as it is, be it broad or a single bright voxel", async () => {
    const truth = new Float32Array(count);
    eachVoxel(shape, (i, j, k, v) => {
      truth[v] = (i - 12) ** 2 + (j - 15) ** 2 + (k - 14) ** 2 <= 9 || (i === 30 && j === 8 && k === 9) ? 2.5 : 0;
    });
    const scan = scanOf((v) => truth[v]!, noise(shape, { seed: 3, sd: NOISE }).data);
    expect((await evidenceBounded(giving(truth)).signal(scan)).data).toEqual(truth);
    // The same claims without a trace of them in the scan.
    const bounded = await evidenceBounded(giving(truth)).signal(noisy(4));
    expect(bounded.data).toEqual(truth.map((s) => Math.min(s, 0.18)));
  });

  test("grain, which neighbours share, is no evidence", async () => {
    const grain = gaussian(noise(shape, { seed: 5 }), { sigmaVoxels: 0.7 }).data;
    const scan = scanOf(
      () => 0,
      Float32Array.from(grain, (z) => 3 * NOISE * z),
    );
    // Nothing in one half, where the noise is seen; too much in the other.
    const claimed = new Float32Array(count).map((_, v) => (v % 40 < 20 ? 0 : 1));
    const share = async (sigma?: number) =>
      shareAbove((await evidenceBounded(giving(claimed), sigma === undefined ? {} : { sigma }).signal(scan)).data, 0.2);
    const asWhite = noiseLevel(subtract(scan.pre, scan.low), { brain: everywhere, estimator: "highpass-mad" });
    expect(await share(asWhite)).toBeGreaterThan(0.01);
    expect(await share()).toBeLessThan(0.002);
  });

  test("nothing is bounded outside the brain, without noise, or at the standard dose", async () => {
    const scan = noisy(1);
    const claimed = new Float32Array(count).fill(1);
    const inside = { grid, data: everywhere.data.map((_, v) => (v < count / 2 ? 1 : 0)) };
    const { data } = await evidenceBounded(giving(claimed)).signal({ ...scan, brain: inside });
    expect(data.subarray(count / 2)).toEqual(claimed.subarray(count / 2));
    expect(shareAbove(data.subarray(0, count / 2), 0.2)).toBeLessThan(0.002);
    expect((await evidenceBounded(giving(claimed), { sigma: 0 }).signal(scan)).data).toEqual(claimed);
    expect((await evidenceBounded(giving(claimed)).signal({ ...scan, low: scan.pre })).data).toEqual(claimed);
    expect((await evidenceBounded(giving(claimed), { sigma: NOISE }).signal({ ...scan, dose: 1 })).data).toEqual(claimed);
  });

  test("keeps the name, refuses what can't be, is cancelled", async () => {
    const linear = linearExtrapolation();
    expect(evidenceBounded(linear).name).toBe("linear");
    for (const options of [{ sigma: -1 }, { sigma: Number.NaN }, { above: 0 }, { above: Infinity }])
      expect(() => evidenceBounded(linear, options)).toThrow(expect.objectContaining({ code: "out-of-range" }));
    const scan = noisy(1);
    const broken = { ...scan, low: createVolume(scan.low.data.map((v, n) => (n === 7 ? Number.NaN : v)) as Float32Array, grid) };
    await expect(evidenceBounded(giving(new Float32Array(count))).signal(broken)).rejects.toMatchObject({ code: "out-of-range" });
    await expect(evidenceBounded(linear).signal(scan, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
    });
  });
});
