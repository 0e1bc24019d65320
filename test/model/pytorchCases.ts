import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { conesDiscriminator } from "../../src/model/conesDiscriminator.js";
import { conesGenerator } from "../../src/model/conesGenerator.js";
import type { Graph } from "../../src/model/graph/graph.js";
import { residualUnet3d } from "../../src/model/residualUnet3d.js";
import { unet2d, unet25d } from "../../src/model/unet2d.js";
import type { WeightTensor } from "../../src/model/weightTensor.js";

export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface GoldenNetwork {
  readonly weights: Readonly<Record<string, GoldenTensor>>;
  readonly runs: readonly {
    readonly inputs: Readonly<Record<string, GoldenTensor>>;
    readonly outputs: readonly GoldenTensor[];
  }[];
}

export interface Case {
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

/** The networks of test/golden/generate/model_networks.py, and how PyTorch's names become the graph's. */
export const cases: readonly Case[] = [
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

/** The name of a PyTorch parameter in the graph. */
export const renamed = ({ names }: Case, key: string): string =>
  // The convN of a discriminator's scale, or its `out`.
  names.reduce((name, [pattern, by]) => name.replace(pattern, by), key).replace("convout", "out");

/** The weights of a linear layer are those of a 1² convolution without its spatial axes. */
export function stateDict(weights: GoldenNetwork["weights"], graph: Graph): ReadonlyMap<string, WeightTensor> {
  return new Map(
    Object.entries(weights).map(([name, { shape, data }]) => {
      const flat = graph.initializers.get(name)?.shape.length === 4 && shape.length === 2;
      return [name, { dtype: "float32", shape: flat ? [...shape, 1, 1] : shape, data }];
    }),
  );
}
