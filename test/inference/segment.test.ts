import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrid, createVolume, type Volume } from "../../src/index.js";
import type { Predictor } from "../../src/inference/predictor.js";
import { type SegmentOptions, segment } from "../../src/inference/segment.js";
import { windows } from "./predictors.js";

const grid = createGrid({ shape: [5, 4, 3], spacingMm: [1, 2, 3] });
const volumeOf = (value: (n: number) => number): Volume =>
  createVolume(
    Float32Array.from({ length: 60 }, (_, n) => value(n)),
    grid,
  );

/** Every channel of the patches, as it came. */
const identity: Predictor = async ({ dims, data }) => ({ dims, data: data.slice() });

const constants =
  (...values: readonly number[]): Predictor =>
  async ({ dims: [n, , ...window] }) => {
    const size = window.reduce((product, d) => product * d, 1);
    const data = new Float32Array(n! * values.length * size);
    for (let m = 0; m < n! * values.length; m++) data.fill(values[m % values.length]!, m * size, (m + 1) * size);
    return { dims: [n!, values.length, ...window], data };
  };

const window = [3, 3, 3] as const;
const labelsOf = async (predictor: Predictor, options: Partial<SegmentOptions> = {}) => [
  ...new Set((await segment([volumeOf(Math.sin)], predictor, { window, ...options })).data),
];

describe("segment", () => {
  test("classes: the largest channel, whatever the windows", () =>
    fc.assert(
      fc.asyncProperty(windows(), fc.integer({ min: 2, max: 4 }), async (options, classes) => {
        const volumes = Array.from({ length: classes }, (_, c) => volumeOf((n) => Math.fround(Math.sin(n * (c + 1) + c))));
        const { data, grid: where } = await segment(volumes, identity, options);
        expect(where).toBe(grid);
        expect(data).toBeInstanceOf(Uint8Array);
        const expected = Array.from({ length: 60 }, (_, n) => {
          const scores = volumes.map((volume) => volume.data[n]!);
          return scores.indexOf(Math.max(...scores));
        });
        expect([...data]).toEqual(expected);
      }),
      { numRuns: 40 },
    ));

  test("regions: each in turn over those before it, above a probability of 0.5", () =>
    fc.assert(
      fc.asyncProperty(windows(), fc.boolean(), async (options, activated) => {
        const logits = [0, 1, 2].map((c) => volumeOf((n) => Math.fround(4 * Math.sin(n * (c + 1) + c))));
        const probabilities = logits.map(({ data }) => volumeOf((n) => 1 / (1 + Math.exp(-data[n]!))));
        const labels = [2, 7, 1];
        const { data } = await segment(activated ? probabilities : logits, identity, {
          ...options,
          labels,
          ...(activated ? { activation: "none", regions: true } : { activation: "sigmoid" }),
        });
        const expected = Array.from({ length: 60 }, (_, n) =>
          labels.reduce((label, own, c) => (1 / (1 + Math.exp(-logits[c]!.data[n]!)) > 0.5 ? own : label), 0),
        );
        expect([...data]).toEqual(expected);
      }),
      { numRuns: 40 },
    ));

  test("constants and ties: the first of equal classes; a probability of exactly 0.5 is outside", async () => {
    expect(await labelsOf(constants(1, 3, 2))).toEqual([1]);
    expect(await labelsOf(constants(3, 3, 3))).toEqual([0]);
    expect(await labelsOf(constants(1, 3, 3), { labels: [0, 40, 255] })).toEqual([40]);
    expect(await labelsOf(constants(-1e30, -1e30, 1e30))).toEqual([2]);
    expect(await labelsOf(constants(0.2, 0.8), { activation: "none" })).toEqual([1]);
    const regions = { activation: "sigmoid" } as const;
    expect(await labelsOf(constants(0), regions)).toEqual([0]);
    expect(await labelsOf(constants(1e-30), regions)).toEqual([1]);
    expect(await labelsOf(constants(1, 1, -1), regions)).toEqual([2]);
    expect(await labelsOf(constants(0.5), { activation: "none", regions: true })).toEqual([0]);
  });

  test("logits are averaged before a label is chosen", async () => {
    // Two windows along i that share two voxels with equal weights; they disagree, one strongly.
    let call = 0;
    const strong: Predictor = (patches, signal) => constants(0, call++ === 0 ? 10 : -1)(patches, signal);
    const line = createVolume(new Float32Array(4), createGrid({ shape: [4, 1, 1] }));
    const options = { window: [3, 1, 1], weighting: "uniform", overlap: 0.5 } as const;
    expect([...(await segment([line], strong, options)).data]).toEqual([1, 1, 1, 0]);
  });

  test("a network on another grid: labels come back on the scan's own", async () => {
    // Every voxel of the scan is one of the finer grid, too, where cubic splines hit it to float32.
    const finer = createGrid({ shape: [9, 7, 5], spacingMm: [0.5, 1, 1.5] });
    const shifted = { shape: finer.shape, affine: grid.affine.map((v, n) => (n % 4 < 3 ? v / 2 : v)) };
    const volumes = [0, 1].map((c) => volumeOf((n) => Math.fround(Math.sin(n * (c + 1) + c))));
    const windowsSeen: string[] = [];
    const seen: Predictor = (patches, signal) => {
      windowsSeen.push(patches.dims.join());
      return identity(patches, signal);
    };
    const whole = [9, 7, 5] as const;
    const { data, grid: where } = await segment(volumes, seen, { window: whole, grid: shifted });
    expect(where).toBe(grid);
    expect(windowsSeen).toEqual(["1,2,5,7,9"]);
    expect([...data]).toEqual([...(await segment(volumes, identity, { window })).data]);
    // What the network's grid doesn't reach is background, whatever its label.
    const corner = { shape: [2, 2, 2] as const, affine: grid.affine };
    const part = await segment(volumes, constants(1, 3), { window: [2, 2, 2], grid: corner, labels: [7, 9] });
    expect([...part.data].filter((label) => label === 9)).toHaveLength(8);
    expect(new Set(part.data)).toEqual(new Set([7, 9]));
    const other = createVolume(new Float32Array(60), createGrid({ shape: [5, 4, 3] }));
    await expect(segment([volumes[0]!, other], identity, { window, grid: shifted })).rejects.toMatchObject({
      code: "grid-mismatch",
    });
  });

  test("tells progress, and can be cancelled", async () => {
    const done: number[] = [];
    await segment([volumeOf(Math.sin)], constants(1, 2), {
      window: [5, 4, 1],
      onProgress: (progress) => done.push(progress.done),
    });
    expect(done).toEqual([1, 2, 3]);
    await expect(labelsOf(constants(1, 2), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });

  test.each([
    [{ labels: [0, 256] }, "out-of-range", /integers of 0 to 255, but one of these is 256/],
    [{ labels: [0, 0.5] }, "out-of-range", /is 0\.5/],
    [{ labels: [1] }, "out-of-range", /1 label\(s\) make no segmentation: give two or more/],
    [{ labels: [], activation: "sigmoid" }, "out-of-range", /give one or more/],
    [{ activation: "tanh" as never }, "out-of-range", /activation must be one of "softmax", "sigmoid", "none"/],
    [{ activation: "softmax", regions: true }, "out-of-range", /Regions are no alternatives/],
    [{ labels: [0, 1, 2] }, "bad-model", /gives 2 channel\(s\), but 3 \(one for each label\)/],
  ] as const)("refuses %o", async (options, code, message) => {
    await expect(labelsOf(constants(1, 2), options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("one class is a mistake, said at the first window", async () => {
    let calls = 0;
    const one: Predictor = (patches, signal) => {
      calls++;
      return constants(1)(patches, signal);
    };
    await expect(labelsOf(one)).rejects.toMatchObject({
      code: "bad-model",
      message: expect.stringMatching(/1 channel\(s\), but 2 to 256 are expected\. One channel is a region/),
    });
    expect(calls).toBe(1);
    await expect(segment([], one, { window })).rejects.toMatchObject({ code: "out-of-range" });
  });
});
