import { GadoliniteError } from "../core/errors.js";
import { checkNonNegative } from "../internal/check.js";
import { checkSameDims } from "./mirrored.js";
import type { Predictor } from "./predictor.js";
import { scratch } from "./scratch.js";

export interface EnsembleOptions {
  /** One for each predictor, 0 or more, not all 0. Default all alike. */
  readonly weights?: readonly number[];
}

/**
 * A predictor that averages others: Σ w · prediction / Σ w, in float64. They run one after another.
 *
 * @param predictors at least one, e.g. the folds of a cross-validation
 * @throws `out-of-range` for no predictor, or weights that don't fit; the predictor it gives throws `bad-model` if the outputs differ in size
 * @see Bône et al. 2022, "Inference": 8 flips of 5 folds are `mirrored(ensemble(folds))`
 * @example
 * const restored = await slidingWindow([pre, low], mirrored(ensemble(folds)), { window: [96, 96, 96] });
 */
export function ensemble(
  predictors: readonly Predictor[],
  { weights = predictors.map(() => 1) }: EnsembleOptions = {},
): Predictor {
  if (predictors.length === 0 || weights.length !== predictors.length)
    throw new GadoliniteError(
      "out-of-range",
      `An ensemble needs at least one predictor and a weight for each; there are ${predictors.length} and ${weights.length}.`,
    );
  weights.forEach((weight, n) => checkNonNegative(`weights[${n}]`, weight));
  const weightSum = weights.reduce((sum, w) => sum + w, 0);
  if (!(weightSum > 0)) throw new GadoliniteError("out-of-range", "The weights of an ensemble must not all be 0.");

  const sums = scratch((length) => new Float64Array(length));
  return async (patches, signal) => {
    let total: { readonly dims: readonly number[]; readonly sum: Float64Array<ArrayBuffer> } | undefined;
    for (const [n, predictor] of predictors.entries()) {
      const weight = weights[n]!;
      if (weight === 0) continue;
      const output = await predictor(patches, signal);
      total ??= { dims: [...output.dims], sum: sums.take(output.data.length).fill(0) };
      checkSameDims(total.dims, output);
      for (let v = 0; v < total.sum.length; v++) total.sum[v]! += weight * output.data[v]!;
    }
    const { dims, sum } = total!;
    const data = new Float32Array(sum.length);
    for (let v = 0; v < data.length; v++) data[v] = sum[v]! / weightSum;
    sums.give(sum);
    return { dims, data };
  };
}
