import { describe, expect, test } from "vitest";
import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { parameterCount } from "../../src/model/graph/graph.js";

const zeros = (): void => {};

describe("conditionalUnet3d", () => {
  test.each([
    [{}, 8_094_241],
    [{ embeddingLayers: 3 }, 8_110_753],
    [{ conditions: 1 }, 8_093_857],
  ])("has the paper's number of parameters with %j", (options, count) => {
    expect(parameterCount(conditionalUnet3d({ seed: 1, initialize: zeros, ...options }))).toBe(count);
  });
});
