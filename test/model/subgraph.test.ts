import { describe, expect, test } from "vitest";
import { conditionalUnet3d, decodeGraph, encodeGraph, parameterCount, subgraph } from "../../src/model/index.js";

describe("subgraph", () => {
  const graph = conditionalUnet3d({ seed: 1, features: 2, scales: 2, embedding: 8 });
  const part = subgraph(graph, "embedding.1.out");

  test("keeps what leads to the value, and nothing else", () => {
    expect(part.inputs.map(({ name }) => name)).toEqual(["conditions"]);
    expect(part.outputs.map(({ name }) => name)).toEqual(["embedding.1.out"]);
    expect(parameterCount(part)).toBe(4 * 8 + 8 + 8 * 8 + 8);
    expect(part.nodes.every(({ name }) => name.startsWith("embedding"))).toBe(true);
  });

  test("is a graph that can be written and read", () => {
    expect(decodeGraph(encodeGraph(part)).nodes.length).toBe(part.nodes.length);
  });

  test("refuses a value that isn't there", () => {
    expect(() => subgraph(graph, "embedding.9.out")).toThrowError(/has no value embedding.9.out/);
  });
});
