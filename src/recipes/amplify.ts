import type { TaskOptions } from "../core/progress.js";
import type { Volume } from "../core/volume.js";
import { synthesize } from "../enhancement/synthesize.js";
import type { Restorer } from "../inference/restorer.js";
import { checkPositive, checkPositiveInteger } from "../internal/check.js";
import type { PreparedStudy } from "./prepareStudy.js";

export interface AmplifyOptions extends TaskOptions {
  /** How often the restorer is applied, each time to its own result. Default 1, as in the paper. */
  readonly times?: number;
  /** The dose that the restorer is told, which it has learnt. Default 0.25. */
  readonly dose?: number;
}

/**
 * Goes beyond the standard dose: a restorer that learnt the way from a low dose to the standard dose is given the standard dose instead.
 *
 *     x₀ = x_SD,   xₙ = x_PC + ŷ(x_PC, xₙ₋₁)
 *
 * @returns the amplified scan (T1c-pro)
 * @throws what the restorer throws; `out-of-range` for options out of range
 * @see Bône et al. 2022, Invest Radiol 57:527, "Training and evaluating the model"; Mingo et al. 2023, Investig Radiol 58:853
 * @example
 * const amplified = await amplify(system.restorer(models, study), study);
 */
export async function amplify(
  restorer: Restorer,
  { pre, post, brain }: Pick<PreparedStudy, "pre" | "post" | "brain">,
  { times = 1, dose = 0.25, ...task }: AmplifyOptions = {},
): Promise<Volume> {
  checkPositiveInteger("times", times);
  checkPositive("dose", dose);
  let scan = post;
  for (let n = 0; n < times; n++) scan = synthesize(pre, await restorer.signal({ pre, low: scan, dose, brain }, task));
  return scan;
}
