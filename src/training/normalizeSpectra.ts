import { checkPositiveInteger } from "../internal/check.js";
import { createRandom } from "../internal/random.js";
import type { Graph } from "../model/graph/graph.js";
import { segmentsOf } from "./flatParameters.js";

export interface NormalizeSpectraOptions {
  /** Which parameters; default the three middle convolutions of each scale of {@link conesDiscriminator}. */
  readonly names?: RegExp;
  /** Steps of the power iteration. Default 20. */
  readonly iterations?: number;
}

/**
 * Divides weights by their largest singular value, each seen as a matrix of one row an output channel: Wᵢ ← Wᵢ / σ(Wᵢ).
 *
 * Spectral normalisation proper divides inside the network, and differentiates through σ; this is its projection, to be done after each step. A weight of zeros stays.
 *
 * @param graph whose parameters the vector holds
 * @param weights all parameters, as in a {@link TrainingState}
 * @returns a new vector
 * @throws `out-of-range` if `iterations` is not a positive integer
 * @see Miyato et al. 2018 (arXiv:1802.05957), algorithm 1
 * @example
 * const weights = normalizeSpectra(discriminator, state.weights);
 */
export function normalizeSpectra(
  graph: Graph,
  weights: Float32Array,
  { names = /(^|\.)conv[123]\.weight$/, iterations = 20 }: NormalizeSpectraOptions = {},
): Float32Array {
  checkPositiveInteger("iterations", iterations);
  const result = weights.slice();
  for (const { name, shape, start, end } of segmentsOf(graph)) {
    if (!names.test(name)) continue;
    const matrix = result.subarray(start, end);
    const sigma = largestSingularValue(matrix, shape[0]!, iterations);
    if (sigma > 0) for (let i = 0; i < matrix.length; i++) matrix[i]! /= sigma;
  }
  return result;
}

function largestSingularValue(matrix: Float32Array, rows: number, iterations: number): number {
  const columns = matrix.length / rows;
  const random = createRandom(0);
  const u = Float64Array.from({ length: rows }, () => random.normal());
  const v = new Float64Array(columns);
  let sigma = 0;
  for (let n = 0; n < iterations; n++) {
    v.fill(0);
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) v[c]! += matrix[r * columns + c]! * u[r]!;
    if (unit(v) === 0) return 0;
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += matrix[r * columns + c]! * v[c]!;
      u[r] = sum;
    }
    sigma = unit(u);
  }
  return sigma;
}

/** Brings a vector to length 1; returns the length that it had. */
function unit(vector: Float64Array): number {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i]! /= length;
  return length;
}
