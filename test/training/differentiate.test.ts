import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../src/model/graph/builder.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import type { Graph } from "../../src/model/graph/graph.js";
import { withWeights } from "../../src/model/weights.js";
import { differentiate, gradientName, huberLoss, withInputShapes } from "../../src/training/index.js";
import { cases, type GoldenNetwork, renamed, stateDict } from "../model/pytorchCases.js";
import { runOnnx } from "../model/runGraph.js";
import { golden } from "../support/golden.js";
import { distance, lengthOf, wave } from "./waves.js";

interface GoldenGradients {
  readonly cases: Readonly<
    Record<
      string,
      readonly {
        readonly loss: number;
        readonly gradients: Readonly<Record<string, { readonly data: Float32Array }>>;
      }[]
    >
  >;
}

/** Mean squares of all outputs against a wave, added: what the generator's `mse` says. */
function mseOfAll(graph: Graph): Graph {
  const b = graphBuilder(graph.name, graph);
  const terms = graph.outputs.map((y) => {
    const shape = y.shape as readonly number[];
    const truth = b.constant("truth", { type: "float32", shape, data: wave(0.9, ...shape).data });
    const difference = b.node("Sub", [y, truth]);
    return b.node("ReduceMean", [b.node("Mul", [difference, difference])], { keepdims: { int: 0 } });
  });
  return b.finish({ loss: terms.reduce((sum, term) => b.node("Add", [sum, term])) });
}

describe("gradients of whole networks against PyTorch", () => {
  test.each(cases)("$name", async (network) => {
    const { weights, runs } = golden<GoldenNetwork>(`model/${network.name}`);
    const expected = golden<GoldenGradients>("training/gradients").cases[network.name]!;
    const loaded = withWeights(network.graph, stateDict(weights, network.graph), { names: (key) => renamed(network, key) });
    for (const [n, { inputs }] of runs.entries()) {
      const fixed = withInputShapes(loaded, Object.fromEntries(Object.entries(inputs).map(([key, { shape }]) => [key, shape])));
      const huber = network.name.startsWith("conditional");
      const graph = differentiate(huber ? huberLoss(fixed, { delta: 0.5 }) : mseOfAll(fixed));
      const feeds = Object.entries(inputs).map(([key, { shape, data }]) => [key, { dims: shape, data }] as const);
      const target = wave(0.9, ...(fixed.outputs[0]!.shape as number[]));
      const found = await runOnnx(encodeGraph(graph), { ...Object.fromEntries(feeds), ...(huber && { target }) });
      expect(Math.abs(found["loss"]!.data[0]! / expected[n]!.loss - 1)).toBeLessThan(1e-5);
      // Beside a whole gradient of length 1 a sum that all but cancels is noise.
      const whole = lengthOf(Object.values(expected[n]!.gradients).flatMap(({ data }) => [...data]));
      for (const [key, { data }] of Object.entries(expected[n]!.gradients)) {
        const name = renamed(network, key);
        const error = distance(found[gradientName(name)]!.data, data);
        // float32 sums over every voxel and a dozen layers, against float64.
        if (!(error < 1e-4 * lengthOf(data) + 1e-6 * whole)) expect.fail(`${name}: off by ${error} of ${lengthOf(data)}`);
      }
    }
  });
});

describe("differentiate", () => {
  const b = graphBuilder("small");
  const x = b.input("x", ["batch", 3]);
  const w = b.parameter("w", { type: "float32", shape: [3], data: Float32Array.of(1, 2, 3) });
  b.parameter("unused", { type: "float32", shape: [2, 2], data: new Float32Array(4).fill(7) });
  const small = b.finish({
    loss: b.node("ReduceSum", [b.node("Mul", [x, w])], { keepdims: { int: 0 } }),
    sizes: b.node("Shape", [x]),
  });
  const fixed = withInputShapes(small, { x: [2, 3] });
  const feeds = { x: { dims: [2, 3], data: Float32Array.of(1, 2, 3, 10, 20, 30) } };
  const float32 = { ...fixed, outputs: fixed.outputs.slice(0, 1) };

  test("gives an output for each parameter, zeros for one that the loss doesn't see", async () => {
    const graph = differentiate(float32);
    expect(graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["loss", []],
      ["gradient.w", [3]],
      ["gradient.unused", [2, 2]],
    ]);
    const found = await runOnnx(encodeGraph(graph), feeds);
    expect([...found["gradient.w"]!.data]).toEqual([11, 22, 33]);
    expect([...found["gradient.unused"]!.data]).toEqual([0, 0, 0, 0]);
    expect(float32.outputs).toHaveLength(1);
  });

  test("by an input, too, and twice", async () => {
    const graph = differentiate(differentiate(float32), { parameters: ["x"] });
    const found = await runOnnx(encodeGraph(graph), feeds);
    expect(found["gradient.x"]).toEqual({ dims: [2, 3], data: Float32Array.of(1, 2, 3, 1, 2, 3) });
    expect([...found["gradient.w"]!.data]).toEqual([11, 22, 33]);
  });

  test("refuses open sizes and names that aren't there", () => {
    const refused = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });
    expect(() => differentiate(small)).toThrowError(refused("unsupported", /fixed sizes.*\[batch, 3\].*withInputShapes/));
    expect(() => differentiate(fixed, { loss: "cost" })).toThrowError(refused("bad-model", /no value called cost/));
    expect(() => differentiate(fixed, { loss: "x" })).toThrowError(refused("bad-model", /single number, but x is \[2, 3\]/));
    expect(() => differentiate(fixed, { parameters: ["v"] })).toThrowError(refused("bad-model", /no value called v/));
    expect(() => differentiate(fixed, { parameters: ["sizes"] })).toThrowError(refused("bad-model", /int64/));
    expect(() => withInputShapes(small, {})).toThrowError(
      refused("bad-model", /x of the network is \[batch, 3\]; give its sizes/),
    );
    expect(() => withInputShapes(small, { x: [2, 4] })).toThrowError(refused("bad-model", /\[2, 4\] does not fit/));
  });
});
