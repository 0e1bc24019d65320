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
