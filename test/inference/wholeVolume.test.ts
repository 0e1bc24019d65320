import { describe, expect, test } from "vitest";
import { cpu } from "../../src/backend/cpu.js";
import type { Vec3 } from "../../src/index.js";
import { predictor } from "../../src/inference/predictor.js";
import { type SlidingWindowOptions, slidingWindow } from "../../src/inference/slidingWindow.js";
import { wholeWindow } from "../../src/inference/windowPlan.js";
import { fillNormal } from "../../src/internal/random.js";
import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import { createModel } from "../../src/model/model.js";
import { absent } from "../backend/runtime.js";
import { volumeOf } from "../support/arbitraries.js";
import { maxAbsDifference } from "../support/oracles.js";
import { unetCard } from "./unetCard.js";

describe.skipIf(absent)("a U-Net by windows", () => {
  // Two scales see 22 voxels far: the convolution before, 4 at the finest scale going down, the blur (2), 4 of the coarse scale (8), the trilinear step
  // (2), 4 going up and the one after, and one of the cell that a voxel lies in.
  const marginVoxels = 24;
  const divisibleBy: Vec3 = [2, 2, 2];
  const shape: Vec3 = [141, 7, 9];

  test("agrees with the whole volume where margins hold what it sees and windows are aligned, and only there", async () => {
    const card = { ...unetCard, patch: { ...unetCard.patch, divisibleBy } };
    const graph = conditionalUnet3d({ seed: 2, features: 2, scales: 2, embedding: 4, output: "linear" });
    const session = await cpu({ threads: 1 }).load(createModel(encodeGraph(graph), { card }));
    const network = predictor(session, card);
    const volumes = [1, 2, 3].map((seed) => {
      const data = new Float32Array(141 * 7 * 9);
      fillNormal(data, seed);
      return volumeOf(shape, [...data]);
    });
    const run = (options: SlidingWindowOptions) => slidingWindow(volumes, network, options);

    const whole = await run({ window: wholeWindow(shape, { divisibleBy }) });
    const window: Vec3 = [64, 8, 10];
    const tiles = await run({ window, overlap: 0, marginVoxels, alignedTo: divisibleBy, batch: 2 });
    const size = Math.max(...whole.data.map(Math.abs));
    // The same sums; the runtime may block them otherwise: float32 through 20 layers.
    expect(maxAbsDifference(tiles, whole) / size).toBeLessThan(2e-6);
    // Neither will do alone.
    const apart = async (options: Partial<SlidingWindowOptions>) =>
      maxAbsDifference(await run({ window, overlap: 0, ...options }), whole) / size;
    expect(await apart({ alignedTo: divisibleBy })).toBeGreaterThan(1e-4);
    expect(await apart({ marginVoxels })).toBeGreaterThan(1e-4);
    await session.dispose();
  });
});
