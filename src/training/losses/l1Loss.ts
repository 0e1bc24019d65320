import { checkNonNegativeInteger } from "../../internal/check.js";
import type { GraphBuilder } from "../../model/graph/builder.js";
import type { Graph, Value } from "../../model/graph/graph.js";
import { withMargin } from "./margin.js";
import { type LossInputs, meanOf, withLoss } from "./terms.js";

export interface L1LossOptions extends LossInputs {
  /** Voxels at each side of each spatial axis that are left out of the mean. Default 0. */
  readonly margin?: number;
}

/** mean |a − b|. */
export const meanDistance = (b: GraphBuilder, x: Value, y: Value): Value => meanOf(b, b.node("Abs", [b.node("Sub", [x, y])]));

/**
 * The network with the mean absolute error as its loss, mean |y − target|: an input `target` and an output `loss` more. Where both are equal the slope is 0.
 *
 * @throws `out-of-range` for a margin that leaves no voxel; `bad-model` if the network has no such output
 * @example
 * const graph = l1Loss(unet2d({ seed: 1, batch: 4, patch: [128, 128] }));
 */
export function l1Loss(graph: Graph, { margin = 0, ...inputs }: L1LossOptions = {}): Graph {
  checkNonNegativeInteger("margin", margin);
  return withLoss(graph, inputs, (b, prediction, target) =>
    meanDistance(b, withMargin(b, prediction, margin), withMargin(b, target, margin)),
  );
}
