import { describe, expect, test } from "vitest";
import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { conesDiscriminator } from "../../src/model/conesDiscriminator.js";
import { conesGenerator } from "../../src/model/conesGenerator.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import type { Graph } from "../../src/model/graph/graph.js";
import { residualUnet3d } from "../../src/model/residualUnet3d.js";
import { unet2d, unet25d } from "../../src/model/unet2d.js";
import { withWeights } from "../../src/model/weights.js";
import type { WeightTensor } from "../../src/model/weightTensor.js";
import { golden } from "../support/golden.js";
import { runOnnx } from "./runGraph.js";

interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

interface GoldenNetwork {
  readonly weights: Readonly<Record<string, GoldenTensor>>;
  readonly runs: readonly {
    readonly inputs: Readonly<Record<string, GoldenTensor>>;
    readonly outputs: readonly GoldenTensor[];
  }[];
}

interface Case {
  readonly name: string;
  readonly graph: Graph;
  /** From the names of the PyTorch modules to those of the graph. */
  readonly names: readonly (readonly [RegExp, string])[];
}

const none = (): void => {};
const planar = [
  [/^(encoder|decoder)\.(\d)\.(\d)/, "$1$2.conv$3"],
  [/^head/, "out"],
] as const;

const conditional = [
  [/^stem/, "in"],
  [/^gates\.(\d)/, "up$1.gate"],
  [/^(down|up)\.(\d)/, "$1$2"],
  [/^head/, "out"],
] as const;

const cases: readonly Case[] = [
  ...(["replicate", "zero"] as const).map((padding) => ({
    name: padding === "zero" ? "conditional-zeros" : "conditional-replicate",
    graph: conditionalUnet3d({ seed: 0, features: 2, scales: 3, embedding: 4, padding, initialize: none }),
    names: conditional,
  })),
  {
    name: "residual",
    graph: residualUnet3d({ seed: 0, inputs: 2, features: 2, convolutions: [1, 2, 3], initialize: none }),
    names: [
      [/^stem/, "in"],
      [/^(encoder|decoder)\.(\d)\.convs\.(\d)/, "$1$2.conv$3"],
      [/^(down|up)\.(\d)/, "$1$2"],
      [/^head/, "out"],
    ],
  },
  { name: "planar", graph: unet25d({ seed: 0, slices: 3, features: [3, 4, 5], initialize: none }), names: planar },
  { name: "planar-residual", graph: unet2d({ seed: 0, features: [3, 4, 5], initialize: none }), names: planar },
  {
    name: "cones",
    graph: conesGenerator({ seed: 0, blocks: [2, 1, 2, 1], features: 2, pyramid: 6, width: 5, initialize: none }),
    names: [
      [/^stem_norm/, "encoder.stem.norm"],
      [/^(stem|top)/, "encoder.$1"],
      [/^(lateral|smooth)\.(\d)/, "encoder.$1$2"],
      [/^stages\.(\d)\.(\d)\.conv\.(\d)/, "encoder.stage$1.$2.conv$3"],
      [/^stages\.(\d)\.(\d)\.norm\.(\d)/, "encoder.stage$1.$2.conv$3.norm"],
      [/^stages\.(\d)\.(\d)\.shortcut\.0/, "encoder.stage$1.$2.shortcut"],
      [/^stages\.(\d)\.(\d)\.shortcut\.1/, "encoder.stage$1.$2.shortcut.norm"],
    ],
  },
  {
    name: "cones-discriminator",
    graph: conesDiscriminator({ seed: 0, features: 3, initialize: none }),
    names: [[/^scale\.(\d)\.(?:conv\.(\d)|(out))/, "scale$1.conv$2$3"]],
  },
];

// The convN of a discriminator's scale, or its `out`.
const tidy = (name: string) => name.replace("convout", "out");

describe("networks against PyTorch", () => {
  test.each(cases)("$name", async ({ name, graph, names }) => {
    const { weights, runs } = golden<GoldenNetwork>(`model/${name}`);
    const loaded = withWeights(graph, stateDict(weights, graph), {
      names: (key) => tidy(names.reduce((renamed, [pattern, by]) => renamed.replace(pattern, by), key)),
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

/** The weights of a linear layer are those of a 1² convolution without its spatial axes. */
function stateDict(weights: GoldenNetwork["weights"], graph: Graph): ReadonlyMap<string, WeightTensor> {
  return new Map(
    Object.entries(weights).map(([name, { shape, data }]) => {
      const flat = graph.initializers.get(name)?.shape.length === 4 && shape.length === 2;
      return [name, { dtype: "float32", shape: flat ? [...shape, 1, 1] : shape, data }];
    }),
  );
}

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
