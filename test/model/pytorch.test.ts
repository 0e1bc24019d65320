import { describe, expect, test } from "vitest";
import { encodeGraph } from "../../src/model/graph/encode.js";
import { withWeights } from "../../src/model/weights.js";
import { golden } from "../support/golden.js";
import { cases, type GoldenNetwork, renamed, stateDict } from "./pytorchCases.js";
import { runOnnx } from "./runGraph.js";

describe("networks against PyTorch", () => {
  test.each(cases)("$name", async (network) => {
    const { name, graph } = network;
    const { weights, runs } = golden<GoldenNetwork>(`model/${name}`);
    const loaded = withWeights(graph, stateDict(weights, graph), {
      names: (key) => renamed(network, key),
    });
    const bytes = encodeGraph(loaded);
    for (const { inputs, outputs } of runs) {
      const feeds = Object.entries(inputs).map(([key, { shape, data }]) => [key, { dims: shape, data }] as const);
      const results = await runOnnx(bytes, Object.fromEntries(feeds));
      for (const [n, expected] of outputs.entries()) {
        const { dims, data } = results[loaded.outputs[n]!.name]!;
        expect(dims).toEqual(expected.shape);
        // Sums of some hundred float32 products, through a dozen layers, against float64.
        expect(largestError(data, expected.data)).toBeLessThan(1e-5);
      }
    }
  });
});

/** Largest difference, relative to the range of the expected numbers. */
function largestError(found: Float32Array, expected: Float32Array): number {
  let [low, high, error] = [Infinity, -Infinity, 0];
  for (let i = 0; i < expected.length; i++) {
    low = Math.min(low, expected[i]!);
    high = Math.max(high, expected[i]!);
    error = Math.max(error, Math.abs(found[i]! - expected[i]!));
  }
  // Neither constant nor saturated: such an output would agree with any network.
  expect(high - low).toBeGreaterThan(0.1);
  return error / (high - low);
}
