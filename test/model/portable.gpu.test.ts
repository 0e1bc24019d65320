import { describe, expect, test } from "vitest";
import { cpu } from "../../src/backend/cpu.js";
import { graphBuilder } from "../../src/model/graph/builder.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import type { Graph } from "../../src/model/graph/graph.js";
import { createModel } from "../../src/model/model.js";
import { portable } from "../../src/model/portable.js";
import { absent } from "../backend/runtime.js";
import { nnunetLike, normal } from "./nnunetLike.js";
import { runOnWebgpu } from "./runOnWebgpu.js";
import { identityModel } from "./tinyOnnx.js";

/** Why there is nothing to run on. */
const missing = absent ?? runOnWebgpu(renamed(), normal([1, 1, 1, 1, 1], 1)).message;

function renamed(): Uint8Array {
  const value = { dims: ["n", 1, "k", "j", "i"] };
  return identityModel({
    inputs: [{ name: "x", ...value }],
    outputs: [{ name: "y", ...value }],
    nodes: [{ op: "Relu", inputs: ["x"], outputs: ["y"] }],
  });
}

const compare = async (before: Graph, dims: readonly number[]) => {
  const x = normal(dims, 7);
  const session = await cpu({ threads: 1 }).load(createModel(encodeGraph(before)));
  const expected = (await session.run({ x }))["y"]!;
  await session.dispose();
  const { graph, unsupported } = portable(before);
  expect(unsupported).toEqual([]);

  expect(runOnWebgpu(encodeGraph(before), x)).toMatchObject({ code: "unsupported" });
  const output = runOnWebgpu(encodeGraph(graph), x);
  expect(output.message).toBeUndefined();
  expect(output.dims).toEqual(expected.dims);
  const [low, high] = expected.data.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  const range = high - low;
  expect(range).toBeGreaterThan(0.1);
  // Float32 in another order.
  const largest = output.data!.reduce((most, v, n) => Math.max(most, Math.abs(v - expected.data[n]!)), 0);
  expect(largest / range).toBeLessThan(1e-5);
};

describe.skipIf(missing !== undefined)(`portable on WebGPU${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  test("a network like nnU-Net's fails before, and gives the CPU's numbers after", () =>
    compare(nnunetLike({ seed: 3 }), [1, 2, 16, 32, 24]));

  const weights = (shape: readonly number[]) => {
    const { dims, data } = normal(shape, 4);
    return { type: "float32" as const, shape: dims, data };
  };
  const triple = (n: number) => ({ ints: [n, n, n] });

  test("ConvTranspose with windows that overlap, and grouped Conv", () => {
    const b = graphBuilder("both");
    const x = b.input("x", ["batch", 4, "depth", "height", "width"]);
    const pads = { ints: [1, 1, 1, 1, 1, 1] };
    const mixed = b.node("Conv", [x, b.parameter("g", weights([4, 2, 3, 3, 3]))], { group: { int: 2 }, pads });
    const attributes = { strides: triple(2), pads, output_padding: triple(1) };
    const up = b.node("ConvTranspose", [mixed, b.parameter("t", weights([4, 2, 3, 3, 3]))], attributes);
    return compare(b.finish({ y: up }), [1, 4, 3, 4, 5]);
  });

  test("one kernel for all channels", () => {
    const b = graphBuilder("shared");
    const kernel = normal([1, 1, 3, 3, 3], 5).data;
    const data = Float32Array.from({ length: 3 * 27 }, (_, n) => kernel[n % 27]!);
    const x = b.input("x", [2, 3, "depth", "height", "width"]);
    const w = b.constant("w", { type: "float32", shape: [3, 1, 3, 3, 3], data });
    return compare(b.finish({ y: b.node("Conv", [x, w], { group: { int: 3 }, strides: triple(2) }) }), [2, 3, 6, 7, 5]);
  });
});
