import { GadoliniteError } from "../core/errors.js";
import { checkOneOf } from "../internal/check.js";
import { normalSurvival } from "../internal/erfc.js";
import { ALTERNATIVES, type Alternative, pValueOf } from "./alternative.js";
import { rank, tieTermOf } from "./ranks.js";
import { checkFiniteSamples, checkPaired } from "./samples.js";

export interface WilcoxonSignedRankOptions {
  /** Default `"two-sided"`. */
  readonly alternative?: Alternative;
  /**
   * What becomes of zero differences: dropped before ranking (`"wilcox"`, the default), ranked and then dropped (`"pratt"`), or ranked and their
   * ranks split evenly between both signs (`"zsplit"`). Names and meaning are SciPy's.
   */
  readonly zeros?: "wilcox" | "pratt" | "zsplit";
  /**
   * `"exact"` counts all sign patterns of the ranks as they are, ties and zeros included; `"approximate"` is the normal one with correction for
   * ties; `"auto"` (default) is exact for up to 50 differences without ties or zeros, else approximate.
   */
  readonly method?: "auto" | "exact" | "approximate";
  /** Moves the rank sum by ½ towards its mean in the approximation. Default `false`, as in SciPy. */
  readonly continuity?: boolean;
}

export interface WilcoxonSignedRankResult {
  /** min(W+, W−) for a two-sided test, else W+. */
  readonly statistic: number;
  readonly pValue: number;
  /** W+, the sum of the ranks of positive differences, and W−. */
  readonly positive: number;
  readonly negative: number;
  /** Number of differences that aren't zero. */
  readonly n: number;
  readonly method: "exact" | "approximate";
}

/**
 * Wilcoxon's signed-rank test for paired samples, or for one sample of differences.
 *
 *     d = x − y;  W+ = Σ rank(|d|) over d > 0
 *
 * @param x samples, one a case; finite
 * @param y their partners in the same order; leave out (`undefined`) if `x` already holds differences
 * @returns the p-value is 1 where no difference is left
 * @throws `out-of-range` if x is empty, the lengths differ, a sample is NaN or infinite, or an option is unknown
 * @see Wilcoxon 1945, Biometrics Bull 1:80; Pratt 1959, J Am Stat Assoc 54:655. Differs from SciPy in `"exact"` with ties or zeros, which SciPy
 *   truncates or refuses, and in the choice of `"auto"` with ties
 * @example
 * const { pValue } = wilcoxonSignedRank(psnrRestored, psnrLowDose, { alternative: "greater" });
 */
export function wilcoxonSignedRank(
  x: ArrayLike<number>,
  y?: ArrayLike<number>,
  { alternative = "two-sided", zeros = "wilcox", method = "auto", continuity = false }: WilcoxonSignedRankOptions = {},
): WilcoxonSignedRankResult {
  checkOneOf("alternative", alternative, ALTERNATIVES);
  checkOneOf("zeros", zeros, ["wilcox", "pratt", "zsplit"]);
  checkOneOf("method", method, ["auto", "exact", "approximate"]);
  const all = differences(x, y);
  const d = zeros === "wilcox" ? all.filter((v) => v !== 0) : all;
  const { ranks, tieTerm } = rank(d.map(Math.abs));
  let [positive, negative, atZero, n] = [0, 0, 0, 0];
  d.forEach((v, i) => {
    if (v > 0) positive += ranks[i]!;
    else if (v < 0) negative += ranks[i]!;
    else atZero += ranks[i]!;
    if (v !== 0) n++;
  });
  const half = zeros === "zsplit" ? atZero / 2 : 0;
  const exact = method === "exact" || (method === "auto" && n === all.length && n <= 50 && tieTerm === 0);
  const seen = { positive: positive + half, negative: negative + half, n };
  const statistic = alternative === "two-sided" ? Math.min(seen.positive, seen.negative) : seen.positive;
  const pValue = exact
    ? exactP(
        ranks.filter((_, i) => d[i] !== 0),
        positive,
        alternative,
      )
    : normalP(seen.positive, seen.negative, d.length, d.length - n, zeros, tieTerm, alternative, continuity);
  return { statistic, pValue, ...seen, method: exact ? "exact" : "approximate" };
}

function differences(x: ArrayLike<number>, y: ArrayLike<number> | undefined): Float64Array {
  checkFiniteSamples("x", x);
  if (!y) return Float64Array.from(x);
  checkFiniteSamples("y", y);
  checkPaired("x", x, "y", y);
  const d = Float64Array.from(x, (v, i) => v - y[i]!);
  if (!d.every(Number.isFinite))
    throw new GadoliniteError("out-of-range", "A difference x − y is larger than any number. Scale the samples down first.");
  return d;
}

/** Adds up, rank by rank, the probabilities of all sums of ranks with a positive sign; twice the ranks are integers. */
function exactP(ranks: Float64Array, positive: number, alternative: Alternative): number {
  const total = 2 * ranks.reduce((sum, r) => sum + r, 0);
  const chance = new Float64Array(total + 1);
  chance[0] = 1;
  let reached = 0;
  for (const r of ranks) {
    const step = 2 * r;
    reached += step;
    for (let s = reached; s >= 0; s--) chance[s] = (chance[s]! + (s >= step ? chance[s - step]! : 0)) / 2;
  }
  let [smaller, larger] = [0, 0];
  for (let s = 0; s <= 2 * positive; s++) smaller += chance[s]!;
  for (let s = total; s >= 2 * positive; s--) larger += chance[s]!;
  return pValueOf(alternative, smaller, larger);
}

function normalP(
  positive: number,
  negative: number,
  count: number,
  zeroCount: number,
  zeros: "wilcox" | "pratt" | "zsplit",
  tieTerm: number,
  alternative: Alternative,
  continuity: boolean,
): number {
  const moments = (m: number) => [(m * (m + 1)) / 4, m * (m + 1) * (2 * m + 1)] as const;
  let [mean, variance] = moments(count);
  let ties = tieTerm;
  if (zeros === "pratt") {
    const [zeroMean, zeroVariance] = moments(zeroCount);
    mean -= zeroMean;
    variance -= zeroVariance;
    ties -= tieTermOf(zeroCount);
  }
  const sd = Math.sqrt((variance - ties / 2) / 24);
  if (!(sd > 0)) return 1;
  const w = alternative === "two-sided" ? Math.min(positive, negative) : positive;
  const shift = !continuity ? 0 : alternative === "two-sided" ? Math.sign(w - mean) / 2 : alternative === "less" ? -0.5 : 0.5;
  const z = (w - mean - shift) / sd;
  return alternative === "two-sided" ? 2 * normalSurvival(Math.abs(z)) : normalSurvival(alternative === "less" ? -z : z);
}
