import { checkNonNegativeInteger } from "../../internal/check.js";
import type { Graph } from "../../model/graph/graph.js";
import { withMargin } from "./margin.js";
import { type LossInputs, meanOf, withLoss } from "./terms.js";

export interface MseLossOptions extends LossInputs {
  /** Voxels at each side of each spatial axis that are left out of the mean. Default 0. */
  readonly margin?: number;
}

/**
 * The network with the mean squared error as its loss, mean (y − target)²: an input `target` and an output `loss` more.
 *
 * @throws `out-of-range` for a margin that leaves no voxel; `bad-model` if the network has no such output
 * @see Bône et al. 2022, "Training"
 * @example
 * const graph = mseLoss(residualUnet3d({ seed: 1, batch: 1, patch: [64, 64, 64] }));
 */
export function mseLoss(graph: Graph, { margin = 0, ...inputs }: MseLossOptions = {}): Graph {
  checkNonNegativeInteger("margin", margin);
  return withLoss(graph, inputs, (b, prediction, target) => {
    const difference = withMargin(b, b.node("Sub", [prediction, target]), margin);
    return meanOf(b, b.node("Mul", [difference, difference]));
  });
}
