import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrid, type Vec3 } from "../../src/index.js";
import { planInference } from "../../src/inference/planInference.js";
import { slidingWindow } from "../../src/inference/slidingWindow.js";
import { windowPlan } from "../../src/inference/windowPlan.js";
import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { graphBuilder } from "../../src/model/graph/builder.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import { createModel, type ModelCard } from "../../src/model/index.js";
import { fullCard } from "../model/cards.js";
import { nnunetLike } from "../model/nnunetLike.js";
import { identity } from "./predictors.js";
import { channel, unetCard } from "./unetCard.js";

const unet = createModel(encodeGraph(conditionalUnet3d({ seed: 1, features: 4, scales: 3, embedding: 8 })), { card: unetCard });
const grid = createGrid({ shape: [50, 41, 30] });

/** y = LeakyRelu(Relu(x)) of one channel: three values, of which two are alive at a time, and the input and output besides. */
const plain = (shape: readonly (number | string)[], patch: Partial<ModelCard["patch"]> = {}) => {
  const b = graphBuilder("plain");
  const y = b.node("LeakyRelu", [b.node("Relu", [b.input("x", shape)])]);
  return createModel(encodeGraph(b.finish({ y })), {
    card: {
      ...fullCard,
      inputs: [{ name: "x", channels: [channel("pre")] }],
      output: { ...fullCard.output, name: "y" },
      patch: { ...fullCard.patch, ...patch },
    },
  });
};

describe("planInference", () => {
  test("takes the whole volume if it fits, and counts what is alive", () => {
    const model = plain(["n", 1, "k", "j", "i"], { divisibleBy: [4, 4, 4] });
    const plan = planInference(model, grid, { maxBytes: 1e9 });
    const [window, voxels] = [[52, 44, 32], 52 * 44 * 32];
    expect(plan).toMatchObject({ window, batch: 1, windows: 1, overlap: 0.5 });
    // x, Relu and LeakyRelu at once, doubled; the patch; the sums.
    const parts = { network: 2 * 3 * 4 * voxels, patches: 4 * voxels, sums: 12 * 50 * 41 * 30 };
    expect(plan.predictedBytes).toEqual({ ...parts, total: parts.network + parts.patches + parts.sums });
    expect(plan.why).toBe("The whole volume fits in one window of 52×44×32. 1 at a time: 2.8 MB of 1000 MB.");
    const exactly = plan.predictedBytes.total;
    expect(planInference(model, grid, { maxBytes: exactly }).windows).toBe(1);
    expect(planInference(model, grid, { maxBytes: exactly - 1 }).windows).toBeGreaterThan(1);
  });

  test("keeps to the budget with the longest sides that it allows", () =>
    fc.assert(
      fc.property(fc.double({ min: 1.2e6, max: 4e7, noNaN: true }), fc.integer({ min: 1, max: 5 }), (maxBytes, maxBatch) => {
        const plan = planInference(unet, grid, { maxBytes, maxBatch });
        const whole: Vec3 = [52, 44, 32];
        expect(plan.predictedBytes.total).toBeLessThanOrEqual(maxBytes);
        expect(plan.batch).toBeLessThanOrEqual(Math.min(maxBatch, plan.windows));
        for (const axis of [0, 1, 2] as const) {
          expect(plan.window[axis] % 4).toBe(0);
          expect(plan.window[axis]).toBeLessThanOrEqual(whole[axis]);
        }
        // One step more on every side that can take it does not fit.
        const longest = Math.max(...plan.window);
        const longer = whole.map((side) => Math.min(side, longest + 4)) as unknown as Vec3;
        const next = { ...unetCard, patch: { ...unetCard.patch, window: longer } };
        if (plan.windows > 1)
          expect(() => planInference({ ...unet, card: next }, grid, { maxBytes, prefer: "trained" })).toThrow(/needs/);
      }),
      { numRuns: 10 },
    ));

  test("its plan goes into slidingWindow", async () => {
    const volume = { grid, data: Float32Array.from({ length: 50 * 41 * 30 }, (_, n) => Math.sin(n)) };
    const plan = planInference(unet, grid, { maxBytes: 6e6 });
    expect(plan.windows).toBeGreaterThan(1);
    const calls: number[] = [];
    const counting: typeof identity = (patches) => {
      calls.push(patches.dims[0]!);
      expect(patches.dims.slice(2)).toEqual([...plan.window].reverse());
      return identity(patches);
    };
    expect((await slidingWindow([volume], counting, plan)).data).toEqual(volume.data);
    expect(Math.max(...calls)).toBe(plan.batch);
    expect(calls.reduce((a, b) => a + b)).toBe(plan.windows);
  });

  test("windows keep to the card's margins and its divisor", () => {
    const patch = { divisibleBy: [4, 4, 2] as Vec3, marginVoxels: 5, window: [16, 16, 16] as Vec3 };
    const model = plain(["n", 1, "k", "j", "i"], patch);
    const plan = planInference(model, grid, { maxBytes: 1.1e6, maxBatch: 1 });
    expect(plan).toMatchObject({ marginVoxels: 5, alignedTo: [4, 4, 2] });
    expect(windowPlan(grid.shape, plan).count).toBe(plan.windows);
    // 2 · 5 voxels of margins and a step: 16 of multiples of 4, 12 of multiples of 2; the message names that window.
    expect(() => planInference(model, grid, { maxBytes: 9e4 })).toThrow(/one window of 16×16×12/);
  });

  test("2-D networks take slices, networks of a fixed size that size", () => {
    const slices = planInference(plain(["n", 1, "j", "i"], { window: [16, 16, 1] }), grid, { maxBytes: 1e9 });
    expect(slices).toMatchObject({ window: [50, 41, 1], batch: 4, overlap: 0.5 });
    expect(slices.windows).toBe(30);
    const pseudo = planInference(plain(["n", 1, "k", "j", "i"], { window: [16, 1, 16] }), grid, { maxBytes: 1e9, maxBatch: 1 });
    expect(pseudo).toMatchObject({ window: [50, 1, 30], batch: 1 });
    const fixed = plain([2, 1, 8, 16, 24]);
    const plan = planInference(fixed, grid, { maxBytes: 1e9 });
    expect(plan).toMatchObject({ window: [24, 16, 8], batch: 4 });
    expect(plan.predictedBytes.network).toBe(2 * 3 * 4 * 2 * 24 * 16 * 8);
    expect(plan.why).toMatch(/window is fixed at 24×16×8/);
    expect(() => planInference(fixed, grid, { maxBytes: 1e5 })).toThrow(/Its window is fixed/);
  });

  test("warns where the window changes what the network computes, and keeps the trained one if asked", () => {
    const card: ModelCard = {
      ...unetCard,
      inputs: [{ name: "x", channels: [channel("pre"), channel("low")] }],
      patch: { ...unetCard.patch, window: [16, 16, 8] },
    };
    const { conditions: _, ...plainCard } = card;
    const model = createModel(encodeGraph(nnunetLike({ seed: 1 })), { card: plainCard });
    // The network gives three channels.
    const largest = planInference(model, grid, { maxBytes: 1e9 });
    expect(largest.predictedBytes.sums).toBe(3 * 12 * 50 * 41 * 30);
    expect(largest.why).toMatch(/takes means over its window \(InstanceNormalization\), and was trained on 16×16×8/);
    const trained = planInference(model, grid, { maxBytes: 1e9, prefer: "trained", overlap: 0 });
    expect(trained).toMatchObject({ window: [16, 16, 8], batch: 4, windows: 4 * 3 * 4, overlap: 0 });
    expect(trained.why).not.toMatch(/means/);
    expect(planInference(unet, grid, { maxBytes: 1e9 }).why).not.toMatch(/means/);
  });

  test("refuses what can't be", () => {
    expect(() => planInference(unet, grid, { maxBytes: 1000 })).toThrow(
      expect.objectContaining({
        code: "out-of-range",
        message: expect.stringMatching(/one window of 4×4×4, but maxBytes is 0\.0 MB\. No smaller/),
      }),
    );
    expect(() => planInference(unet, grid, { maxBytes: 1000, prefer: "trained" })).toThrow(/16×16×16.*Take prefer: "largest"/);
    for (const options of [{ maxBytes: 0 }, { maxBytes: 1e9, maxBatch: 0 }, { maxBytes: 1e9, prefer: "x" as never }])
      expect(() => planInference(unet, grid, options)).toThrow(expect.objectContaining({ code: "out-of-range" }));
    expect(() => planInference({ bytes: unet.bytes }, grid, { maxBytes: 1e9 })).toThrow(
      expect.objectContaining({ code: "bad-model", message: expect.stringMatching(/no card/) }),
    );
    const wrong = (change: Partial<ModelCard>) =>
      planInference({ ...unet, card: { ...unetCard, ...change } }, grid, { maxBytes: 1e9 });
    expect(() => wrong({ inputs: [{ name: "image", channels: [channel("pre")] }] })).toThrow(/names the input "image"/);
    expect(() => wrong({ output: { ...unetCard.output, name: "z" } })).toThrow(/the output "z"/);
    expect(() => wrong({ inputs: [{ name: "x", channels: [channel("pre")] }] })).toThrow(/\(Conv\)|\(Concat\)/);
  });
});
