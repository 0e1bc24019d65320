import { expect, test } from "vitest";
import { network } from "../../examples/training/runTraining.js";
import { widened } from "../../examples/training/widened.js";
import { cpu } from "../../src/backend/index.js";
import { createModel, encodeGraph, type Graph, weightsOf, withWeights } from "../../src/model/index.js";
import { absent } from "../backend/runtime.js";

const settings = { steps: 1, features: 4, unshuffle: 2, detail: 2, scales: 3, patch: 16, batch: 1, rate: 1e-3, seed: 1 };

const run = async (graph: Graph) => {
  const session = await cpu().load(createModel(encodeGraph(graph)));
  const x = { dims: [1, 4, 8, 16, 16], data: Float32Array.from({ length: 4 * 8 * 16 * 16 }, (_, v) => 2 * Math.sin(v * v)) };
  const output = await session.run({ x, conditions: { dims: [1, 3], data: Float32Array.of(0.1, -2.3, -1) } });
  await session.dispose();
  return Array.from(output["y"]!.data as Float32Array);
};

test.skipIf(absent).each([5, 6, 9])("a network widened from 4 features to %i computes what it did", async (features) => {
  const narrow = network(settings);
  const wide = network({ ...settings, features, seed: 2 });
  const before = await run(narrow);
  const after = await run(withWeights(wide, widened(wide, weightsOf(narrow))));
  const scale = Math.max(...before.map(Math.abs));
  expect(scale).toBeGreaterThan(0.01);
  before.forEach((y, v) => expect(Math.abs(after[v]! - y)).toBeLessThan(1e-5 * scale));
});

test("another network's weights don't fit, nor those that a block of the wider one has no place for", () => {
  // 32 channels of the image and 32 of the features become 64: no convolution is beside that block.
  const even = network({ ...settings, features: 32 });
  expect(() => widened(even, weightsOf(network(settings)))).toThrow(expect.objectContaining({ code: "bad-model" }));
  const wide = network({ ...settings, scales: 2 });
  expect(() => widened(wide, weightsOf(network({ ...settings, features: 8, scales: 2 })))).toThrow(
    expect.objectContaining({ code: "bad-model" }),
  );
});
