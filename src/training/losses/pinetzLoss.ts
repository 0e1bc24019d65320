import { checkNonNegative, checkNonNegativeInteger, checkPositive } from "../../internal/check.js";
import type { Graph, Value } from "../../model/graph/graph.js";
import { withMargin } from "./margin.js";
import { huberOf, type LossInputs, meanOf, real, withLoss } from "./terms.js";

export interface PinetzLossOptions extends LossInputs {
  /** Where the square becomes linear, in the unit of the output. Default 0.1. */
  readonly epsilon?: number;
  /** Weight λ₁ of every voxel, in the brain or not. Default 0.01. */
  readonly outside?: number;
  /** Weight λ₂ of the enhancement mask. Default 1. */
  readonly enhancing?: number;
  /** Voxels at each side of each spatial axis that are left out. Default 8. */
  readonly margin?: number;
}

/**
 * The network with the loss of Pinetz et al., Huber's function weighted by where a voxel lies: inputs `target`, `brain` (0 or 1) and `enhancement` (p_SD, 0 to 1), all of the
 * prediction's shape, and an output `loss` more.
 *
 *     loss = mean of (brain + λ₁ + λ₂ · enhancement) · d(y − target),   d(t) = t²/2 where |t| ≤ ε, ε(|t| − ε/2) beyond
 *
 * The paper sums over voxels; the mean over those inside the margin is that sum divided by their number, so that a learning rate doesn't depend on the patch.
 *
 * @throws `out-of-range` for weights that are negative, an ε that is not positive or a margin that leaves no voxel; `bad-model` if the network has no such output
 * @see Pinetz et al. 2024, section 3.3 (the equation of the loss) and section 4 (λ₁ = 0.01, λ₂ = 1, ε = 0.1, margin of 8 voxels)
 * @example
 * const graph = pinetzLoss(conditionalUnet3d({ seed: 1, batch: 2, patch: [32, 32, 32] }));
 */
export function pinetzLoss(
  graph: Graph,
  { epsilon = 0.1, outside = 0.01, enhancing = 1, margin = 8, ...inputs }: PinetzLossOptions = {},
): Graph {
  checkPositive("epsilon", epsilon);
  checkNonNegative("outside", outside);
  checkNonNegative("enhancing", enhancing);
  checkNonNegativeInteger("margin", margin);
  return withLoss(graph, inputs, (b, prediction, target) => {
    const inner = (value: Value) => withMargin(b, value, margin);
    const brain = inner(b.input("brain", prediction.shape));
    const enhancement = inner(b.input("enhancement", prediction.shape));
    const lesions = b.node("Mul", [enhancement, real(b, enhancing)]);
    const weight = b.node("Add", [b.node("Add", [brain, real(b, outside)]), lesions]);
    const distance = huberOf(b, b.node("Sub", [inner(prediction), inner(target)]), epsilon);
    return meanOf(b, b.node("Mul", [weight, distance]));
  });
}
