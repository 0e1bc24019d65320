import { checkNonNegativeInteger, checkPositive } from "../../internal/check.js";
import type { Graph, Value } from "../../model/graph/graph.js";
import { withMargin } from "./margin.js";
import { huberOf, type LossInputs, meanOf, withLoss } from "./terms.js";

export interface HuberLossOptions extends LossInputs {
  /** Where the square becomes linear, in the unit of the output; above 0. */
  readonly delta: number;
  /** Whether the graph gets an input `weight` of the prediction's shape, by which each voxel's loss is multiplied. Default false. */
  readonly weighted?: boolean;
  /** Voxels at each side of each spatial axis that are left out of the mean. Default 0. */
  readonly margin?: number;
}

/**
 * The network with Huber's loss: an input `target` (and `weight`, if asked for) and an output `loss` more.
 *
 *     loss = mean over voxels of w · d(y − target),   d(t) = t²/2 where |t| ≤ δ, δ(|t| − δ/2) beyond
 *
 * The mean counts voxels, not weights.
 *
 * @throws `out-of-range` for a δ that is not positive or a margin that leaves no voxel; `bad-model` if the network has no such output
 * @see Huber 1964, Ann Math Stat 35:73
 * @example
 * const graph = huberLoss(conditionalUnet3d({ seed: 1, batch: 2, patch: [32, 32, 32] }), { delta: 3, weighted: true });
 */
export function huberLoss(graph: Graph, { delta, weighted = false, margin = 0, ...inputs }: HuberLossOptions): Graph {
  checkPositive("delta", delta);
  checkNonNegativeInteger("margin", margin);
  return withLoss(graph, inputs, (b, prediction, target) => {
    const weight = weighted ? b.input("weight", prediction.shape) : undefined;
    const inner = (value: Value) => withMargin(b, value, margin);
    const loss = huberOf(b, b.node("Sub", [inner(prediction), inner(target)]), delta);
    return meanOf(b, weight ? b.node("Mul", [loss, inner(weight)]) : loss);
  });
}
