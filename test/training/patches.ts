import { expect } from "vitest";
import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import { withWeights } from "../../src/model/weights.js";
import { differentiate, gradientName, huberLoss } from "../../src/training/index.js";
import { cases, renamed } from "../model/pytorchCases.js";
import { runOnnx } from "../model/runGraph.js";
import { golden } from "../support/golden.js";
import { formulaWeights, lengthOf, wave } from "./waves.js";

interface Patch {
  readonly loss: number;
  readonly sums: Readonly<Record<string, { readonly shape: readonly number[]; readonly norm: number; readonly product: number }>>;
}

/** Gradients of a batch of two patches of this size against PyTorch's: of each its norm, and its product with a wave, which sees every element. */
export async function checkPatch(size: number): Promise<void> {
  const { loss, sums } = golden<{ readonly patches: Readonly<Record<string, Patch>> }>("training/patches").patches[size]!;
  const network = conditionalUnet3d({ seed: 0, features: 8, scales: 3, embedding: 16, batch: 2, patch: [size, size, size] });
  const weights = formulaWeights(Object.entries(sums).map(([name, { shape }]) => [name, shape]));
  const conditional = cases[0]!;
  const loaded = withWeights(network, weights, { names: (key) => renamed(conditional, key) });
  const found = await runOnnx(encodeGraph(differentiate(huberLoss(loaded, { delta: 0.5 }))), {
    x: wave(0.3, 2, 3, size, size, size),
    conditions: wave(0.5, 2, 4),
    target: wave(0.9, 2, 1, size, size, size),
  });
  expect(found["loss"]!.data[0]! / loss).toBeCloseTo(1, 5);
  const whole = Math.hypot(...Object.values(sums).map(({ norm }) => norm));
  expect(whole).toBeGreaterThan(1e-3);
  for (const [key, { norm, product }] of Object.entries(sums)) {
    const { data } = found[gradientName(renamed(conditional, key))]!;
    const seen = wave(1.3, data.length).data.reduce((sum, w, i) => sum + w * data[i]!, 0);
    const tolerance = 1e-4 * norm + 1e-6 * whole;
    if (!(Math.abs(lengthOf(data) - norm) < tolerance && Math.abs(seen - product) < tolerance * Math.sqrt(data.length)))
      expect.fail(`${key}: ${lengthOf(data)} for ${norm}, ${seen} for ${product}`);
  }
}
