import type { Volume } from "../core/volume.js";
import type { ErrorOptions } from "./errorOptions.js";
import { mse } from "./mse.js";

/**
 * Root of the mean squared error, in the volumes' unit. See {@link mse}.
 *
 * @example
 * const error = rmse(post, restored, { mask: brain });
 */
export function rmse(reference: Volume, test: Volume, options: ErrorOptions = {}): number {
  return Math.sqrt(mse(reference, test, options));
}
