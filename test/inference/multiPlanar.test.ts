import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpu } from "../../src/backend/cpu.js";
import { createGrid, createVolume, type Progress, type Vec3, type Volume } from "../../src/index.js";
import { type MultiPlanarOptions, multiPlanar } from "../../src/inference/multiPlanar.js";
import { type Predictor, predictor } from "../../src/inference/predictor.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import { createModel } from "../../src/model/model.js";
import { unet25d } from "../../src/model/unet2d.js";
import { absent } from "../backend/runtime.js";
import { fullCard } from "../model/cards.js";
import { volume, volumeOf } from "../support/arbitraries.js";
import { eachVoxel, maxAbsDifference } from "../support/oracles.js";

/** Gives the middle slice of volume `which` back. */
const middle =
  (slices: number, which = 0): Predictor =>
  async ({ dims, data }) => {
    const [n, channels, , rows, columns] = dims as [number, number, number, number, number];
    const size = rows * columns;
    const out = new Float32Array(n * size);
    const at = which * slices + (slices >> 1);
    for (let m = 0; m < n; m++) out.set(data.subarray((m * channels + at) * size, (m * channels + at + 1) * size), m * size);
    return { dims: [n, 1, 1, rows, columns], data: out };
  };

/** A constant, which may be another in each call. */
const gives =
  (value: () => number): Predictor =>
  async ({ dims: [n, , , rows, columns] }) => ({
    dims: [n!, 1, 1, rows!, columns!],
    data: new Float32Array(n! * rows! * columns!).fill(value()),
  });

const filled = (shape: Vec3, value: (i: number, j: number, k: number) => number, spacingMm: Vec3 = [1, 1, 1]): Volume => {
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  eachVoxel(shape, (i, j, k, index) => {
    data[index] = value(i, j, k);
  });
  return createVolume(data, createGrid({ shape, spacingMm }));
};

const options = fc.record({
  slices: fc.constantFrom(1, 3, 7),
  divisibleBy: fc.integer({ min: 1, max: 5 }),
  batch: fc.integer({ min: 1, max: 4 }),
  axes: fc.subarray([0, 1, 2] as const, { minLength: 1 }),
});

describe("multiPlanar", () => {
  test("slices come with their neighbours, of each volume in turn, repeated at the ends, padded in equal parts", async () => {
    const calls: number[][] = [];
    const [pre, low] = [volumeOf([2, 1, 3], [1, 2, 3, 4, 5, 6]), volumeOf([2, 1, 3], [10, 20, 30, 40, 50, 60])];
    const shared = { slices: 3, anglesDeg: [0], axes: [2] } as const;
    const watch: Predictor = (patches, signal) => {
      calls.push([...patches.data]);
      expect(patches.dims).toEqual([1, 6, 1, 3, 3]);
      return middle(3)(patches, signal);
    };
    await multiPlanar([pre, low], watch, { ...shared, divisibleBy: 3 });
    const slice = (a: number, b: number) => [0, 0, 0, a, b, 0, 0, 0, 0];
    expect(calls[0]).toEqual([slice(1, 2), slice(1, 2), slice(3, 4), slice(10, 20), slice(10, 20), slice(30, 40)].flat());
    expect(calls[2]).toEqual([slice(3, 4), slice(5, 6), slice(5, 6), slice(30, 40), slice(50, 60), slice(50, 60)].flat());
  });

  test("law: at angle 0, and at every right angle, the middle slices are the volume, exactly", () =>
    fc.assert(
      fc.asyncProperty(volume(7), options, async (given, chosen) => {
        // Right angles swap j and k, whose voxels must be equal then.
        const input = createVolume(given.data, createGrid({ shape: given.grid.shape, spacingMm: [1.5, 0.7, 0.7] }));
        const before = input.data.slice();
        for (const anglesDeg of [[0], [90], [0, 90, 180, 270, -90]]) {
          const { data, grid } = await multiPlanar([input], middle(chosen.slices), { ...chosen, anglesDeg });
          expect(grid).toBe(input.grid);
          expect(data.every((v, n) => v === before[n])).toBe(true);
        }
        expect(input.data).toEqual(before);
      }),
      { numRuns: 50 },
    ));

  test("law: a constant comes back as that constant, up to the border, at any angle", () =>
    fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
        fc.double({ min: -90, max: 360, noNaN: true }),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }).map(Math.fround),
        options,
        async (shape, angle, value, chosen) => {
          const input = filled(shape, () => value, [1, 0.8, 2.5]);
          const { data } = await multiPlanar([input], middle(chosen.slices), { ...chosen, anglesDeg: [0, angle] });
          expect(data.every((v) => v === value)).toBe(true);
        },
      ),
      { numRuns: 60 },
    ));

  test("law: a ramp is turned there and back without loss, two voxels from the border", () =>
    fc.assert(
      fc.asyncProperty(fc.double({ min: 1, max: 89, noNaN: true }), options, async (angle, chosen) => {
        const shape: Vec3 = [3, 11, 9];
        const input = filled(shape, (i, j, k) => i - 2 * j + 3 * k, [1, 1.25, 2]);
        const { data } = await multiPlanar([input], middle(chosen.slices), { ...chosen, anglesDeg: [angle] });
        // Two linear interpolations of numbers up to 30, rounded to float32.
        eachVoxel(shape, (_, j, k, index) => {
          if (j >= 3 && j < 8 && k >= 3 && k < 6) expect(Math.abs(data[index]! - input.data[index]!)).toBeLessThan(2e-5);
        });
      }),
      { numRuns: 60 },
    ));

  test("a wave loses no more than linear interpolation takes twice", async () => {
    const shape: Vec3 = [8, 24, 20];
    const [w, u] = [0.5, 0.4];
    const input = filled(shape, (_, j, k) => Math.sin(w * j) * Math.cos(u * k));
    const { data } = await multiPlanar([input], middle(7));
    // h²/8 · (w² + u²) each time, of an amplitude of 1; one fifth of the views is exact.
    const bound = (2 * (w * w + u * u)) / 8;
    eachVoxel(shape, (_, j, k, index) => {
      if (j >= 2 && j < 22 && k >= 2 && k < 18) expect(Math.abs(data[index]! - input.data[index]!)).toBeLessThan(bound);
    });
    expect(maxAbsDifference({ data }, input)).toBeGreaterThan(bound / 20);
  });

  test("at the border only those angles count that reach it without what lies outside", async () => {
    const shape: Vec3 = [2, 12, 10];
    const input = filled(shape, () => 1);
    let done = 0;
    const view: Predictor = (patches, signal) => gives(() => (done < 24 ? 1 : 3))(patches, signal);
    const { data } = await multiPlanar([input], view, {
      anglesDeg: [0, 33],
      slices: 1,
      onProgress: (progress) => {
        done = progress.done;
      },
    });
    expect([...new Set(data)].sort()).toEqual([1, 2]);
    eachVoxel(shape, (_, j, k, index) => {
      if (j >= 2 && j < 10 && k >= 2 && k < 8) expect(data[index]).toBe(2);
      // The corners' neighbours at 33° are outside.
      if ((j === 0 || j === 11) && (k === 0 || k === 9)) expect(data[index]).toBe(1);
    });
    const alone = await multiPlanar([input], middle(1), { anglesDeg: [33], slices: 1 });
    expect(alone.data.map((v) => (Number.isNaN(v) ? 1 : 2))).toEqual(data);
  });

  test("tells progress over all slices of all views, and is cancelled between calls", async () => {
    const input = filled([2, 4, 6], () => 1);
    const told: Progress[] = [];
    await multiPlanar([input], middle(7), { batch: 4, anglesDeg: [0, 45], onProgress: (progress) => told.push(progress) });
    const [{ total }, last] = [told[0]!, told.at(-1)!];
    // Turned by 45° both axes are (4 + 6) / √2 = 7.07 long.
    expect(total).toBe(2 + 4 + 6 + (2 + 8 + 8));
    expect(last).toEqual({ done: total, total, stage: "slices" });
    const controller = new AbortController();
    let calls = 0;
    const cancelling: Predictor = (patches, signal) => {
      if (++calls === 3) controller.abort();
      expect(signal).toBe(controller.signal);
      return middle(7)(patches);
    };
    await expect(multiPlanar([input], cancelling, { signal: controller.signal })).rejects.toMatchObject({ code: "aborted" });
    expect(calls).toBe(3);
  });

  test.each([
    [{ slices: 4 }, /slices must be odd/],
    [{ slices: 0 }, /slices/],
    [{ divisibleBy: 0 }, /divisibleBy/],
    [{ batch: 1.5 }, /batch/],
    [{ anglesDeg: [] }, /at least one angle/],
    [{ anglesDeg: [NaN] }, /angle/],
    [{ axes: [] }, /axes must be/],
    [{ axes: [1, 1] }, /axes must be/],
    [{ axes: [3 as never] }, /axes must be/],
  ] as [MultiPlanarOptions, RegExp][])("refuses %o", async (wrong, message) => {
    const input = filled([2, 2, 2], () => 1);
    await expect(multiPlanar([input], middle(7), wrong)).rejects.toMatchObject({
      code: "out-of-range",
      message: expect.stringMatching(message),
    });
  });

  test("refuses volumes and predictions that don't fit", async () => {
    const input = filled([2, 2, 2], () => 1);
    await expect(multiPlanar([], middle(7))).rejects.toMatchObject({ code: "out-of-range" });
    await expect(multiPlanar([input, filled([2, 2, 3], () => 1)], middle(7))).rejects.toMatchObject({ code: "grid-mismatch" });
    await expect(multiPlanar([filled([2, 2, 2], () => NaN)], middle(7))).rejects.toMatchObject({ code: "out-of-range" });
    await expect(multiPlanar([input], async (patches) => patches)).rejects.toMatchObject({
      code: "bad-model",
      message: expect.stringMatching(/must give \[1, 1, 1, 8, 8\], but gave \[1, 7, 1, 8, 8\]/),
    });
    await expect(
      multiPlanar(
        [input],
        gives(() => NaN),
      ),
    ).rejects.toMatchObject({ code: "bad-model" });
  });

  test.skipIf(absent)("runs unet25d by its card", async () => {
    const names = ["pre", "low"].flatMap((name) => [-3, -2, -1, 0, 1, 2, 3].map((n) => `${name}[${n}]`));
    const card = {
      ...fullCard,
      inputs: [{ name: "x", channels: names.map((name) => ({ name, offset: 0, scale: 1 })) }],
      output: { ...fullCard.output, name: "y" },
      patch: { ...fullCard.patch, window: [16, 16, 1] as Vec3, divisibleBy: [8, 8, 1] as Vec3 },
    };
    const session = await cpu({ threads: 1 }).load(createModel(encodeGraph(unet25d({ seed: 1, features: [2, 3, 4] })), { card }));
    const pair = [filled([9, 10, 7], (i) => i), filled([9, 10, 7], (i, j) => i + j)];
    const { data } = await multiPlanar(pair, predictor(session, card), { batch: 4 });
    expect(data.every(Number.isFinite)).toBe(true);
    expect(Math.max(...data) - Math.min(...data)).toBeGreaterThan(0);
    await session.dispose();
  });
});
