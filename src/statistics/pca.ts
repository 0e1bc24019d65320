import { GadoliniteError } from "../core/errors.js";
import { checkPositiveInteger } from "../internal/check.js";
import { orthogonalize } from "./orthogonalize.js";
import { checkFiniteSamples } from "./samples.js";

export interface PcaOptions {
  /** Number of components, 1 to the smaller of cases and features. Default 2. */
  readonly components?: number;
}

export interface PcaResult {
  /** One row a case: its coordinates along the components. */
  readonly scores: readonly Float64Array[];
  /** One row a component: a unit vector over the features, whose largest element is positive. With fewer cases than features 0 once no variance is left. */
  readonly components: readonly Float64Array[];
  /** Mean of each feature, which was taken off. */
  readonly mean: Float64Array;
  /** Variance along each component (divisor n − 1), falling. */
  readonly variance: Float64Array;
  /** The same as a share of the total variance; `NaN` if no feature varies. */
  readonly varianceRatio: Float64Array;
}

/**
 * Principal component analysis: the directions along which the cases vary most.
 *
 * @param rows one list of features a case, two cases or more; finite, of one length. Scale features of different units first
 * @throws `out-of-range` if there are fewer than two cases, rows differ in length, a number is NaN or infinite, or there are fewer components than asked for
 * @see Hotelling 1933, J Educ Psychol 24:417
 * @example
 * const { scores, varianceRatio } = pca(embeddings, { components: 2 });
 */
export function pca(rows: readonly ArrayLike<number>[], { components = 2 }: PcaOptions = {}): PcaResult {
  const d = checkRows(rows, 2);
  checkPositiveInteger("components", components);
  const n = rows.length;
  if (components > Math.min(n, d))
    throw new GadoliniteError(
      "out-of-range",
      `${n} cases of ${d} features have at most ${Math.min(n, d)} components, not ${components}.`,
    );
  const mean = Float64Array.from({ length: d }, (_, f) => rows.reduce((sum, row) => sum + row[f]!, 0) / n);
  const centred = rows.map((row) => Float64Array.from(row, (v, f) => v - mean[f]!));
  const total = centred.reduce((sum, row) => sum + dot(row, row), 0) / (n - 1);
  const directions = (d <= n ? featureDirections(centred, d) : caseDirections(centred)).slice(0, components).map(positiveLargest);
  const scores = centred.map((row) => Float64Array.from(directions, (direction) => dot(row, direction)));
  const variance = Float64Array.from(directions, (_, c) => scores.reduce((sum, row) => sum + row[c]! ** 2, 0) / (n - 1));
  return { scores, components: directions, mean, variance, varianceRatio: variance.map((v) => v / total) };
}

/** Number of features. Throws `out-of-range` unless there are enough rows, all of one length and finite. */
export function checkRows(rows: readonly ArrayLike<number>[], least: number): number {
  const d = rows[0]?.length ?? 0;
  if (rows.length < least || d === 0)
    throw new GadoliniteError(
      "out-of-range",
      `rows needs ${least} cases or more, of one feature or more, but has ${rows.length} of ${d}.`,
    );
  rows.forEach((row, n) => {
    if (row.length !== d) throw new GadoliniteError("out-of-range", `rows[${n}] has ${row.length} features, the first row ${d}.`);
    checkFiniteSamples(`rows[${n}]`, row);
  });
  return d;
}

const dot = (a: Float64Array, b: Float64Array) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** With at least as many cases as features: the rotation that makes the features' columns orthogonal. */
function featureDirections(centred: readonly Float64Array[], d: number): readonly Float64Array[] {
  const columns = Array.from({ length: d }, (_, f) => Float64Array.from(centred, (row) => row[f]!));
  const directions = Array.from({ length: d }, (_, f) => Float64Array.from({ length: d }, (__, g) => (f === g ? 1 : 0)));
  return orthogonalize(columns, directions).map(({ index }) => directions[index]!);
}

/** With fewer cases than features: cases turned among each other until they are orthogonal point along the components. */
function caseDirections(centred: readonly Float64Array[]): readonly Float64Array[] {
  const rows = centred.map((row) => row.slice());
  const found = orthogonalize(rows);
  // Where no variance is left, what comes out is rounding.
  const least = 1e-13 * (found[0]?.length ?? 0);
  return found.map(({ index, length }) => rows[index]!.map((v) => (length > least ? v / length : 0)));
}

function positiveLargest(direction: Float64Array): Float64Array {
  const largest = direction.reduce((best, v) => (Math.abs(v) > Math.abs(best) * (1 + 1e-9) ? v : best), 0);
  return largest < 0 ? direction.map((v) => -v) : direction;
}
