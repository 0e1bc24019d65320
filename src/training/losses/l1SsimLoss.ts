import { GadoliniteError } from "../../core/errors.js";
import { checkFraction, checkPositive } from "../../internal/check.js";
import type { GraphBuilder } from "../../model/graph/builder.js";
import { formatShape, type Graph, type Value } from "../../model/graph/graph.js";
import { meanDistance } from "./l1Loss.js";
import { type LossInputs, meanOf, real, withLoss } from "./terms.js";

export interface L1SsimLossOptions extends LossInputs {
  /** Range of possible values of the truth (its maximum minus its minimum), as SSIM wants it. */
  readonly dataRange: number;
  /** Share of 1 − SSIM, 0 to 1; the mean absolute error has the rest. Default 0.4. */
  readonly ssimShare?: number;
}

// Wang et al. 2004: a Gaussian window of 11 voxels, σ = 1.5.
const TAPS = 11;
const SIGMA = 1.5;
const [K1, K2] = [0.01, 0.03];

/**
 * The network with a mix of mean absolute error and structural dissimilarity as its loss: an input `target` and an output `loss` more.
 *
 *     loss = (1 − s) · mean |y − target| + s · (1 − SSIM(y, target))
 *
 * SSIM is Wang's: a Gaussian window of 11 voxels (σ = 1.5) along each axis, moments of the population, the mean over all windows that lie inside.
 * Pasumarthi et al. add a perceptual and an adversarial term, whose networks are not public; the shares of these two are those of configurations in public code of the
 * method's authors (0.6 and 0.4).
 *
 * @throws `out-of-range` for a range that is not positive, a share outside 0 … 1 or patches of less than 11 voxels; `bad-model` if the network has no such output
 * @see Wang et al. 2004, IEEE Trans Image Process 13:600, equation 13; Pasumarthi et al. 2021, Magn Reson Med 86:1687
 * @example
 * const graph = l1SsimLoss(unet25d({ seed: 1, batch: 2, patch: [128, 128] }), { dataRange: 1 });
 */
export function l1SsimLoss(graph: Graph, { dataRange, ssimShare = 0.4, ...inputs }: L1SsimLossOptions): Graph {
  checkPositive("dataRange", dataRange);
  checkFraction("ssimShare", ssimShare);
  return withLoss(graph, inputs, (b, prediction, target) => {
    const distance = b.node("Mul", [meanDistance(b, prediction, target), real(b, 1 - ssimShare)]);
    const dissimilarity = b.node("Sub", [real(b, 1), ssimOf(b, prediction, target, dataRange)]);
    return b.node("Add", [distance, b.node("Mul", [dissimilarity, real(b, ssimShare)])]);
  });
}

function ssimOf(b: GraphBuilder, x: Value, y: Value, dataRange: number): Value {
  const [add, sub, mul] = ["Add", "Sub", "Mul"].map((operator) => (p: Value, q: Value) => b.node(operator, [p, q])) as [
    Op,
    Op,
    Op,
  ];
  const local = (value: Value) => windowMean(b, value);
  const [mx, my] = [local(x), local(y)];
  const [mxx, myy, mxy] = [mul(mx, mx), mul(my, my), mul(mx, my)];
  const [c1, c2] = [K1, K2].map((k) => real(b, (k * dataRange) ** 2)) as [Value, Value];
  const twice = (value: Value) => add(value, value);
  const covariance = sub(local(mul(x, y)), mxy);
  const variances = add(sub(local(mul(x, x)), mxx), sub(local(mul(y, y)), myy));
  const luminance = b.node("Div", [add(twice(mxy), c1), add(add(mxx, myy), c1)]);
  const contrast = b.node("Div", [add(twice(covariance), c2), add(variances, c2)]);
  return meanOf(b, mul(luminance, contrast));
}

type Op = (p: Value, q: Value) => Value;

/** Gaussian mean over the windows that lie inside, one axis at a time, channels moved into the batch. */
function windowMean(b: GraphBuilder, x: Value): Value {
  const space = x.shape.slice(2);
  if (space.some((size) => typeof size === "number" && size < TAPS))
    throw new GadoliniteError("out-of-range", `SSIM needs ${TAPS} voxels along each axis, but a patch is ${formatShape(space)}.`);
  const weights = Float64Array.from({ length: TAPS }, (_, n) => Math.exp(-((n - (TAPS - 1) / 2) ** 2) / (2 * SIGMA ** 2)));
  const sum = weights.reduce((a, w) => a + w, 0);
  const data = Float32Array.from(weights, (w) => w / sum);
  let y = b.node("Reshape", [x, b.constant("apart", [-1, 1, ...space.map(() => 0)])]);
  for (const axis of space.keys()) {
    const shape = [1, 1, ...space.map((_, n) => (n === axis ? TAPS : 1))];
    y = b.node("Conv", [y, b.constant("window", { type: "float32", shape, data })]);
  }
  return y;
}
