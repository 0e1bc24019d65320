import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { conesDiscriminator } from "../../src/model/conesDiscriminator.js";
import { conesGenerator } from "../../src/model/conesGenerator.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import { type Graph, parameterCount } from "../../src/model/graph/graph.js";
import { residualUnet3d } from "../../src/model/residualUnet3d.js";
import { unet2d, unet25d } from "../../src/model/unet2d.js";

const zeros = (): void => {};

const outputOf = async (graph: Graph, feeds: Record<string, readonly number[]>) => {
  const session = await ort.InferenceSession.create(encodeGraph(graph), { executionProviders: ["cpu"] });
  const tensors = Object.entries(feeds).map(([name, dims]) => {
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
    return [name, new ort.Tensor("float32", data, dims)] as const;
  });
  const { y } = await session.run(Object.fromEntries(tensors));
  await session.release();
  expect((y!.data as Float32Array).every(Number.isFinite)).toBe(true);
  return { dims: y!.dims, data: y!.data as Float32Array };
};
const outputDims = async (graph: Graph, feeds: Record<string, readonly number[]>) => (await outputOf(graph, feeds)).dims;

describe("networks", () => {
  test("have the papers' numbers of parameters", () => {
    expect(parameterCount(conditionalUnet3d({ seed: 1, initialize: zeros }))).toBe(8_094_241);
    expect(parameterCount(conditionalUnet3d({ seed: 1, initialize: zeros, embeddingLayers: 3 }))).toBe(8_110_753);
    expect(parameterCount(conditionalUnet3d({ seed: 1, initialize: zeros, conditions: 1 }))).toBe(8_093_857);
    expect(parameterCount(unet25d({ seed: 1, initialize: zeros }))).toBe(1_452_449);
    expect(parameterCount(conesDiscriminator({ seed: 1, scales: 1, initialize: zeros }))).toBe(2_762_817);
    expect(parameterCount(conesDiscriminator({ seed: 1, initialize: zeros }))).toBe(2 * 2_762_817);
  });

  test("the generator of CoNeS has the parameters of its parts", () => {
    const one = conesGenerator({ seed: 1, sources: 1, initialize: zeros });
    expect(parameterCount(one)).toBe(45_258_306);
    const part = (prefix: string) =>
      parameterCount({ ...one, parameters: one.parameters.filter((name) => name.startsWith(prefix)) });
    expect([part("encoder."), part("code."), part("mlp.")]).toEqual([45_177_792, 66_049, 14_465]);
    expect(parameterCount(conesGenerator({ seed: 1, initialize: zeros }))).toBe(45_261_506);
  });

  test("run at every size that divides, with any batch", async () => {
    const conditional = conditionalUnet3d({ seed: 1, features: 2, scales: 3, embedding: 8 });
    // Blur-pool and resize take odd sizes too.
    expect(await outputDims(conditional, { x: [2, 3, 7, 8, 10], conditions: [2, 4] })).toEqual([2, 1, 7, 8, 10]);
    const blocks = conditionalUnet3d({ seed: 1, features: 2, scales: 2, embedding: 8, unshuffle: 2 });
    expect(await outputDims(blocks, { x: [2, 3, 6, 8, 10], conditions: [2, 4] })).toEqual([2, 1, 6, 8, 10]);
    const detailed = conditionalUnet3d({ seed: 1, features: 2, scales: 2, embedding: 8, unshuffle: 2, detail: 3 });
    expect(await outputDims(detailed, { x: [2, 3, 6, 8, 10], conditions: [2, 4] })).toEqual([2, 1, 6, 8, 10]);
    // 2 → 3 · 2³ maps instead of 1 · 2³; then (3 + 3) · 27 · 3 + 3, 3 · 27 · 3 + 3 and (3 + 3 + 3) + 1.
    expect(parameterCount(detailed) - parameterCount(blocks)).toBe((2 * 27 + 1) * 16 + 489 + 246 + 10);
    await expect(outputDims(blocks, { x: [1, 3, 6, 7, 8], conditions: [1, 4] })).rejects.toThrowError(/reshape/i);
    const residual = residualUnet3d({ seed: 1, features: 2, convolutions: [1, 2, 2] });
    expect(await outputDims(residual, { x: [2, 4, 4, 8, 12] })).toEqual([2, 1, 4, 8, 12]);
    expect(await outputDims(unet25d({ seed: 1, features: [2, 3, 4] }), { x: [1, 14, 16, 24] })).toEqual([1, 1, 16, 24]);
    expect(await outputDims(unet2d({ seed: 1, features: [2, 2, 3] }), { x: [3, 2, 8, 16] })).toEqual([3, 1, 8, 16]);
    const cones = { seed: 1, blocks: [1, 1, 1, 1], features: 2, pyramid: 4, width: 3 };
    expect(await outputDims(conesGenerator({ ...cones, layers: 2 }), { x: [2, 2, 13, 18] })).toEqual([2, 1, 13, 18]);
  });

  // Uniform weights within ±1/√fanIn give logits that differ by some 0.05: such a network learns a constant, and stays there.
  test.each([1, 2, 3])("the residual U-Net begins with what it sees, and away from the sigmoid's ends, seed %i", async (seed) => {
    const graph = residualUnet3d({ seed, features: 8, inputs: 2, convolutions: [1, 2, 3, 3] });
    const { data } = await outputOf(graph, { x: [1, 2, 16, 16, 16] });
    const logits = Float64Array.from(data, (p) => Math.log(p / (1 - p)));
    const mean = logits.reduce((sum, l) => sum + l, 0) / logits.length;
    const sd = Math.sqrt(logits.reduce((sum, l) => sum + (l - mean) ** 2, 0) / logits.length);
    expect(sd).toBeGreaterThan(0.1);
    expect(Math.abs(mean) + 3 * sd).toBeLessThan(4);
  });

  test("the residual U-Net begins at the mean that it is told", async () => {
    const options = { seed: 1, features: 2, inputs: 1, convolutions: [1, 1], initialize: zeros };
    for (const outputMean of [0.05, 0.7]) {
      const { data } = await outputOf(residualUnet3d({ ...options, outputMean }), { x: [1, 1, 2, 2, 2] });
      for (const y of data) expect(y).toBeCloseTo(outputMean, 6);
    }
    for (const outputMean of [0, 1, Number.NaN])
      expect(() => residualUnet3d({ ...options, outputMean })).toThrowError(/outputMean/);
  });

  test("run with fixed sizes, and say so", async () => {
    const graph = residualUnet3d({ seed: 1, features: 2, convolutions: [1, 1], batch: 1, patch: [8, 6, 4] });
    expect(graph.inputs[0]!.shape).toEqual([1, 4, 4, 6, 8]);
    expect(graph.outputs[0]!.shape).toEqual([1, 1, 4, 6, 8]);
    const cones = conesGenerator({
      seed: 1,
      blocks: [1, 1],
      features: 2,
      pyramid: 4,
      width: 3,
      batch: 1,
      patch: [12, 8],
      shifts: true,
    });
    expect(cones.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["y", [1, 1, 8, 12]],
      ["shifts", [1, 13, 8, 12]],
    ]);
    expect(await outputDims(cones, { x: [1, 2, 8, 12] })).toEqual([1, 1, 8, 12]);
    const judge = conesDiscriminator({ seed: 1, features: 1, featureMaps: true, batch: 1, patch: [40, 32] });
    expect(judge.outputs.map(({ name, shape }) => [name, shape.slice(1)])).toEqual([
      ["y0", [1, 7, 8]],
      ["scale0.feature0", [1, 17, 21]],
      ["scale0.feature1", [2, 9, 11]],
      ["scale0.feature2", [4, 5, 6]],
      ["scale0.feature3", [8, 6, 7]],
      ["y1", [1, 5, 6]],
      ["scale1.feature0", [1, 9, 11]],
      ["scale1.feature1", [2, 5, 6]],
      ["scale1.feature2", [4, 3, 4]],
      ["scale1.feature3", [8, 4, 5]],
    ]);
    expect(await outputDims(graph, { x: [1, 4, 4, 6, 8] })).toEqual([1, 1, 4, 6, 8]);
  });

  test("the same seed gives the same weights, another seed others", () => {
    const weights = (seed: number) => unet2d({ seed, features: [2] }).initializers.get("encoder0.conv0.weight")!.data;
    expect(weights(1)).toEqual(weights(1));
    expect(weights(1)).not.toEqual(weights(2));
  });

  test("refuse sizes that make no network", () => {
    expect(() => unet2d({ seed: 1, features: [] })).toThrowError(/levels/);
    expect(() => conditionalUnet3d({ seed: 1, scales: 1 })).toThrowError(/scales/);
    expect(() => residualUnet3d({ seed: 1, features: 0.5 })).toThrowError(/features/);
    expect(() => conesGenerator({ seed: 1, blocks: [] })).toThrowError(/stages/);
    expect(() => conesGenerator({ seed: 1, blocks: [0] })).toThrowError(/blocks/);
    expect(() => conesDiscriminator({ seed: 1, scales: 0 })).toThrowError(/scales/);
  });
});
