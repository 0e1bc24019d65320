import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createVolume, type Progress, type Vec3, type Volume } from "../../src/index.js";
import { ensemble } from "../../src/inference/ensemble.js";
import { mirrored } from "../../src/inference/mirrored.js";
import type { Predictor } from "../../src/inference/predictor.js";
import { type SlidingWindowOptions, slidingWindow, slidingWindowChannels } from "../../src/inference/slidingWindow.js";
import { windowPlan } from "../../src/inference/windowPlan.js";
import { windowWeights } from "../../src/inference/windowWeights.js";
import { loadVolume } from "../../src/node/loadVolume.js";
import { intensity, seed, volume, volumeOf } from "../support/arbitraries.js";
import { dataPath, hasData } from "../support/data.js";
import { golden } from "../support/golden.js";
import { eachVoxel, maxAbsDifference } from "../support/oracles.js";
import { constant, identity, ramp, windows } from "./predictors.js";

describe("slidingWindow", () => {
  test("example: windows of 2 over 3 voxels, weights 1 and e⁻⁸", async () => {
    // σ = 2/8, centre 1: the weights are e⁻⁸ and 1. Windows at 0 and 1; the ramp multiplies by 1 and 2.
    const result = await slidingWindow([volumeOf([3, 1, 1], [10, 20, 30])], ramp, { window: [2, 1, 1] });
    const w = Math.exp(-8);
    expect([...result.data]).toEqual([10, (40 + w * 20) / (1 + w), 60].map(Math.fround));
  });

  test("patches are [batch, channel, k, j, i], padded where the volume is smaller", async () => {
    const calls: { dims: readonly number[]; data: number[] }[] = [];
    const watch: Predictor = (patches, signal) => {
      calls.push({ dims: [...patches.dims], data: [...patches.data] });
      return identity(patches, signal);
    };
    const pre = volumeOf([2, 1, 1], [1, 2]);
    await slidingWindow([pre, volumeOf([2, 1, 1], [3, 4])], watch, { window: [1, 2, 1], batch: 4, padValue: 9 });
    // 2 missing − 1 voxel along j: half of 1 is 0 below, 1 above.
    expect(calls).toEqual([{ dims: [2, 2, 1, 2, 1], data: [1, 9, 3, 9, 2, 9, 4, 9] }]);
  });

  test("the last batch is smaller, and patches use one array again", async () => {
    const buffers = new Set<ArrayBufferLike>();
    const batches: number[] = [];
    const watch: Predictor = (patches, signal) => {
      buffers.add(patches.data.buffer);
      batches.push(patches.dims[0]!);
      return identity(patches, signal);
    };
    await slidingWindow([volumeOf([5, 1, 1], [1, 2, 3, 4, 5])], watch, { window: [1, 1, 1], overlap: 0, batch: 2 });
    expect(batches).toEqual([2, 2, 1]);
    expect(buffers.size).toBe(1);
  });

  describe("as numpy has it", () => {
    const { sliding } = golden<{
      sliding: Record<"nnunet" | "monai" | "uniform" | "volume", Float64Array> & { shape: Vec3; window: Vec3 };
    }>("inference/windows");
    const cases: [keyof typeof sliding & string, Partial<SlidingWindowOptions>][] = [
      ["nnunet", {}],
      ["monai", { placement: "monai" }],
      ["uniform", { weighting: "uniform" }],
    ];
    test.each(cases)("%s", async (name, options) => {
      const input = volumeOf(sliding.shape, sliding.volume);
      const { data } = await slidingWindow([input], ramp, { window: sliding.window, batch: 3, ...options });
      // Predictions of up to 30 in float32 on our side: half a unit in the last place each, 1e-6, averaged.
      expect(maxAbsDifference({ data }, { data: sliding[name] as Float64Array })).toBeLessThan(2e-6);
    });
  });

  describe("refuses", () => {
    const one = volumeOf([2, 2, 2], new Array(8).fill(1));
    const window: Vec3 = [2, 2, 2];
    const code = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) });

    test("bad arguments", async () => {
      const slide = (volumes: readonly Volume[], options: Partial<SlidingWindowOptions> = {}) =>
        slidingWindow(volumes, identity, { window, ...options });
      await expect(slide([])).rejects.toMatchObject(code("out-of-range", /at least one volume/));
      await expect(slide([one, volumeOf([2, 2, 1], [1, 1, 1, 1])])).rejects.toMatchObject(code("grid-mismatch", /grids/));
      await expect(slide([one, volumeOf([2, 2, 2], [1, 1, NaN, 1, 1, 1, 1, 1])])).rejects.toMatchObject(
        code("out-of-range", /Volume 1 has/),
      );
      await expect(slide([one], { batch: 0 })).rejects.toMatchObject(code("out-of-range", /batch/));
      await expect(slide([one], { padValue: NaN })).rejects.toMatchObject(code("out-of-range", /padValue/));
      await expect(slide([one], { overlap: 1 })).rejects.toMatchObject(code("out-of-range", /overlap/));
      await expect(slide([one], { sigmaFraction: 0 })).rejects.toMatchObject(code("out-of-range", /sigmaFraction/));
    });

    test("predictors that give other dimensions, several channels, or no numbers", async () => {
      const gives = (dims: readonly number[], value = 0): Predictor => {
        const length = dims.reduce((a, b) => a * b, 1);
        return async () => ({ dims, data: new Float32Array(length).fill(value) });
      };
      const bad = (predictor: Predictor) => expect(slidingWindow([one], predictor, { window })).rejects;
      await bad(gives([1, 1, 2, 2, 1])).toMatchObject(
        code("bad-model", /must give \[1, 1, 2, 2, 2\], but gave \[1, 1, 2, 2, 1\]/),
      );
      await bad(gives([1, 2, 2, 2, 2])).toMatchObject(code("bad-model", /but gave \[1, 2, 2, 2, 2\]/));
      await bad(gives([2, 2, 2])).toMatchObject(code("bad-model", /but gave \[2, 2, 2\]/));
      await bad(async () => ({ dims: [1, 1, 2, 2, 2], data: new Float32Array(7) })).toMatchObject(code("bad-model", /7 values/));
      await bad(gives([1, 1, 2, 2, 2], NaN)).toMatchObject(code("bad-model", /NaN or infinite/));
      await bad(gives([1, 1, 2, 2, 2], -Infinity)).toMatchObject(code("bad-model", /NaN or infinite/));
      await bad(() => Promise.reject(new Error("network down"))).toThrow("network down");
    });

    test("a number of channels that changes", async () => {
      let calls = 0;
      const growing: Predictor = async ({ dims: [n, , ...rest] }) => {
        const dims = [n!, ++calls, ...rest];
        return { dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) };
      };
      await expect(slidingWindowChannels([one], growing, { window: [1, 2, 2] })).rejects.toMatchObject(
        code("bad-model", /but gave/),
      );
    });
  });

  test("tells progress, and stops between windows when cancelled", async () => {
    const told: Progress[] = [];
    const controller = new AbortController();
    const input = volumeOf([6, 1, 1], [1, 2, 3, 4, 5, 6]);
    const options = { window: [2, 1, 1] as Vec3, overlap: 0, onProgress: (progress: Progress) => told.push(progress) };
    await slidingWindow([input], identity, options);
    expect(told).toEqual([1, 2, 3].map((done) => ({ done, total: 3, stage: "windows" })));

    let calls = 0;
    let seen: AbortSignal | undefined;
    const cancelling: Predictor = (patches, signal) => {
      seen = signal;
      if (++calls === 2) controller.abort(new Error("enough"));
      return identity(patches);
    };
    const cancelled = slidingWindow([input], cancelling, { ...options, signal: controller.signal });
    await expect(cancelled).rejects.toMatchObject({ code: "aborted", cause: new Error("enough") });
    expect(calls).toBe(2);
    expect(seen).toBe(controller.signal);
    await expect(slidingWindow([input], cancelling, { ...options, signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    expect(calls).toBe(2);
  });

  test("timers run while a predictor that never waits is at work", async () => {
    const busy: Predictor = (patches) => {
      for (const end = performance.now() + 15; performance.now() < end; );
      return identity(patches);
    };
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await slidingWindow([volumeOf([16, 1, 1], new Array(16).fill(1))], busy, { window: [1, 1, 1], overlap: 0 });
    clearInterval(timer);
    // 240 ms of work: four breaths of 50 ms.
    expect(ticks).toBeGreaterThanOrEqual(2);
  });

  test("several channels come as several volumes", async () => {
    const both: Predictor = async ({ dims, data }) => ({ dims, data: data.map((v) => v + 1) });
    const volumes = [volumeOf([3, 2, 1], [1, 2, 3, 4, 5, 6]), volumeOf([3, 2, 1], [10, 20, 30, 40, 50, 60])];
    const [a, b, ...none] = await slidingWindowChannels(volumes, both, { window: [2, 2, 2], batch: 2 });
    expect([...a!.data]).toEqual([2, 3, 4, 5, 6, 7]);
    expect([...b!.data]).toEqual([11, 21, 31, 41, 51, 61]);
    expect(none).toEqual([]);
    expect(a!.grid).toBe(volumes[0]!.grid);
  });

  test("margins don't count but at the ends of the volume, whatever the predictor gives there", () =>
    fc.assert(
      fc.asyncProperty(
        volume(12),
        windows(),
        fc.integer({ min: 1, max: 2 }),
        fc.constantFrom<Vec3>([1, 1, 1], [2, 1, 3]),
        async (input, options, marginVoxels, alignedTo) => {
          const side = (axis: 0 | 1 | 2) =>
            alignedTo[axis] * (options.window[axis] + Math.ceil((2 * marginVoxels) / alignedTo[axis]));
          const window: Vec3 = [side(0), side(1), side(2)];
          const spoilt: Predictor = async ({ dims, data }) => {
            const out = data.slice();
            for (let m = 0; m < dims[0]!; m++)
              eachVoxel(window, (i, j, k, index) => {
                const inside = [i, j, k].every((at, axis) => at >= marginVoxels && at < window[axis]! - marginVoxels);
                if (!inside) out[m * window[0] * window[1] * window[2] + index] = 1e30;
              });
            return { dims, data: out };
          };
          const { data } = await slidingWindow([input], spoilt, { ...options, window, alignedTo, marginVoxels });
          const { shape } = input.grid;
          eachVoxel(shape, (i, j, k, index) => {
            const atEnd = [i, j, k].some((at, axis) => at < marginVoxels || at >= shape[axis]! - marginVoxels);
            if (!atEnd) expect(data[index]).toBe(input.data[index]! + 0);
          });
          // Of a good predictor nothing is lost.
          expect((await slidingWindow([input], identity, { ...options, window, alignedTo, marginVoxels })).data).toEqual(
            input.data.map((v) => v + 0),
          );
        },
      ),
      { numRuns: 40 },
    ));

  test.skipIf(!hasData)(
    "real scans with negative voxels and thick slices come back exactly, the smaller one padded",
    async () => {
      for (const name of ["openMS_p19/t1.nii.gz", "TCGA-FG-6692_raw/t1.nii.gz"]) {
        const scan = await loadVolume(dataPath("pairs", name));
        const { data } = await slidingWindow([scan], identity, { window: [96, 96, 96] });
        expect(maxAbsDifference({ data }, scan)).toBe(0);
      }
    },
  );

  describe("laws", () => {
    const anyFloat32 = fc.float({ noNaN: true, noDefaultInfinity: true });

    test("the identity predictor, through any window, mirror and ensemble, gives the input exactly", () =>
      fc.assert(
        fc.asyncProperty(
          volume(9).chain((v) =>
            fc.tuple(fc.constant(v.grid), fc.array(anyFloat32, { minLength: v.data.length, maxLength: v.data.length })),
          ),
          windows(),
          fc.subarray([0, 1, 2] as const),
          fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 4 }),
          async ([grid, voxels], options, axes, weights) => {
            const input = createVolume(Float32Array.from(voxels), grid);
            const before = input.data.slice();
            const wrapped = mirrored(
              ensemble(
                weights.map(() => identity),
                { weights },
              ),
              { axes },
            );
            const { data } = await slidingWindow([input], wrapped, options);
            // Sums begin at +0, so −0 comes back as +0.
            expect(data.every((v, i) => v === before[i])).toBe(true);
            expect(input.data).toEqual(before);
          },
        ),
      ));

    test("a constant predictor gives the constant exactly: the weights are a partition of unity", () =>
      fc.assert(
        fc.asyncProperty(
          volume(9),
          windows(),
          fc.double({ min: -1e30, max: 1e30, noNaN: true }).map(Math.fround),
          async (input, options, c) => {
            const { data, grid } = await slidingWindow([input], constant(c), options);
            expect(data.every((v) => v === c)).toBe(true);
            expect(grid).toBe(input.grid);
          },
        ),
      ));

    test("equals the sum written out, whatever the order of the windows", () =>
      fc.assert(
        fc.asyncProperty(volume(9), windows(), seed(), async (input, options, shuffle) => {
          const { data } = await slidingWindow([input], ramp, options);
          const expected = await writtenOut(input, options, shuffle);
          // Float64 sums in another order, rounded to float32: at most one unit in the last place where a tie falls elsewhere.
          data.forEach((v, i) =>
            expect(Math.abs(v - expected[i]!)).toBeLessThanOrEqual(2 ** -23 * Math.max(Math.abs(expected[i]!), 1)),
          );
        }),
        { numRuns: 50 },
      ));

    test("the batch does not show", () =>
      fc.assert(
        fc.asyncProperty(volume(7), windows(), async (input, options) => {
          const alone = await slidingWindow([input], ramp, { ...options, batch: 1 });
          expect((await slidingWindow([input], ramp, options)).data).toEqual(alone.data);
        }),
        { numRuns: 50 },
      ));

    test("a voxelwise predictor commutes with the windows", () =>
      fc.assert(
        fc.asyncProperty(volume(7), windows(), intensity(), async (input, options, offset) => {
          const shifted: Predictor = async ({ dims, data }) => ({ dims, data: data.map((v) => v + offset) });
          const { data } = await slidingWindow([input], shifted, options);
          expect(data).toEqual(input.data.map((v) => v + offset + 0));
        }),
      ));
  });
});

/** Every window in a shuffled order, each predicted alone; float64 throughout, with a volume of weights. */
async function writtenOut(input: Volume, options: SlidingWindowOptions, shuffle: number): Promise<Float64Array> {
  const { shape } = input.grid;
  const { window, starts } = windowPlan(shape, options);
  const { axes, floor } = windowWeights(window, options);
  const sum = new Float64Array(input.data.length);
  const weight = new Float64Array(input.data.length);
  const order = starts[0].flatMap((i) => starts[1].flatMap((j) => starts[2].map((k): Vec3 => [i, j, k])));
  order.sort((a, b) => ((a[0] * 31 + a[1] * 17 + a[2] * 7 + shuffle) % 11) - ((b[0] * 31 + b[1] * 17 + b[2] * 7 + shuffle) % 11));
  for (const start of order) {
    const patch = new Float32Array(window[0] * window[1] * window[2]);
    const at: number[] = [];
    eachVoxel(window, (i, j, k, index) => {
      const [x, y, z] = [start[0] + i, start[1] + j, start[2] + k];
      const inside = x >= 0 && x < shape[0] && y >= 0 && y < shape[1] && z >= 0 && z < shape[2];
      at[index] = inside ? x + shape[0] * (y + shape[1] * z) : -1;
      patch[index] = inside ? input.data[at[index]]! : options.padValue!;
    });
    const { data } = await ramp({ dims: [1, 1, window[2], window[1], window[0]], data: patch });
    eachVoxel(window, (i, j, k, index) => {
      if (at[index]! < 0) return;
      const w = Math.max(axes[0][i]! * axes[1][j]! * axes[2][k]!, floor);
      sum[at[index]!]! += w * data[index]!;
      weight[at[index]!]! += w;
    });
  }
  return sum.map((s, v) => s / weight[v]!);
}
