import { checkOneOf } from "../internal/check.js";
import { normalSurvival } from "../internal/erfc.js";
import { ALTERNATIVES, type Alternative, pValueOf } from "./alternative.js";
import { rank } from "./ranks.js";
import { checkSamples } from "./samples.js";

export interface MannWhitneyUOptions {
  /** Default `"two-sided"`. */
  readonly alternative?: Alternative;
  /**
   * `"exact"` counts all ways to draw the ranks as they are, ties included; `"approximate"` is the normal one with correction for ties;
   * `"auto"` (default) is exact where there are no ties, one sample has 8 or fewer and both together 100 or fewer.
   */
  readonly method?: "auto" | "exact" | "approximate";
  /** Moves U by ½ towards its mean in the approximation. Default `true`, as in SciPy. */
  readonly continuity?: boolean;
}

export interface MannWhitneyUResult {
  /** Number of pairs with x > y, ties counting ½. */
  readonly u: number;
  readonly pValue: number;
  /** u / (nx·ny), the chance that an x exceeds a y: the area under the ROC curve. */
  readonly auc: number;
  readonly method: "exact" | "approximate";
}

/**
 * The Wilcoxon–Mann–Whitney test of two independent samples.
 *
 *     U = Σ rank(x) − nx (nx + 1) / 2
 *
 * @param x samples; infinite ones have a rank, too
 * @param y samples
 * @returns where all samples are equal p is 1
 * @throws `out-of-range` if a sample is empty or holds NaN, or an option is unknown
 * @see Mann and Whitney 1947, Ann Math Stat 18:50. Differs from SciPy in `"exact"` with ties, which SciPy counts as if there were none
 * @example
 * const { pValue } = mannWhitneyU(ageTraining, ageTest);
 */
export function mannWhitneyU(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { alternative = "two-sided", method = "auto", continuity = true }: MannWhitneyUOptions = {},
): MannWhitneyUResult {
  checkOneOf("alternative", alternative, ALTERNATIVES);
  checkOneOf("method", method, ["auto", "exact", "approximate"]);
  checkSamples("x", x);
  checkSamples("y", y);
  const [nx, ny] = [x.length, y.length];
  const { ranks, tieTerm } = rank(Float64Array.from([...Array.from(x), ...Array.from(y)]));
  const rankSum = ranks.subarray(0, nx).reduce((sum, r) => sum + r, 0);
  const u = rankSum - (nx * (nx + 1)) / 2;
  const exact = method === "exact" || (method === "auto" && tieTerm === 0 && Math.min(nx, ny) <= 8 && nx + ny <= 100);
  const pValue = exact ? exactP(ranks, nx, rankSum, alternative) : normalP(u, nx, ny, tieTerm, alternative, continuity);
  return { u, pValue, auc: u / (nx * ny), method: exact ? "exact" : "approximate" };
}

/**
 * Goes through the ranks and adds up the probabilities of each number of draws and each rank sum so far; twice the ranks are integers.
 * Only probabilities occur, so that nothing overflows and small tails keep their digits.
 */
function exactP(ranks: Float64Array, nx: number, seen: number, alternative: Alternative): number {
  const n = ranks.length;
  const doubled = Int32Array.from(ranks, (r) => 2 * r).sort();
  // The nx largest ranks bound the sum.
  const width = doubled.subarray(n - nx).reduce((sum, r) => sum + r, 0) + 1;
  // chance[m · width + s]: m drawn so far, with doubled rank sum s.
  const chance = new Float64Array((nx + 1) * width);
  chance[0] = 1;
  for (let i = 0; i < n; i++) {
    const step = doubled[i]!;
    for (let m = Math.min(nx, i + 1); m >= 0; m--) {
      // Chances that rank i isn't drawn with m drawn before it, and that it is with m − 1.
      const stays = 1 - (nx - m) / (n - i);
      const moves = m > 0 ? (nx - m + 1) / (n - i) : 0;
      for (let s = width - 1; s >= 0; s--) {
        const from = m > 0 && s >= step ? chance[(m - 1) * width + s - step]! : 0;
        chance[m * width + s] = (m <= i ? chance[m * width + s]! * Math.max(0, stays) : 0) + from * moves;
      }
    }
  }
  const at = 2 * seen;
  const last = chance.subarray(nx * width);
  let [smaller, larger] = [0, 0];
  for (let s = 0; s <= at; s++) smaller += last[s]!;
  for (let s = width - 1; s >= at; s--) larger += last[s]!;
  return pValueOf(alternative, smaller, larger);
}

function normalP(u: number, nx: number, ny: number, tieTerm: number, alternative: Alternative, continuity: boolean): number {
  const n = nx + ny;
  const sd = Math.sqrt(((nx * ny) / 12) * (n + 1 - (n > 1 ? tieTerm / (n * (n - 1)) : 0)));
  if (!(sd > 0)) return 1;
  const mean = (nx * ny) / 2;
  // The side that the alternative asks for; the farther one if it asks for both.
  const far = alternative === "greater" ? u : alternative === "less" ? nx * ny - u : Math.max(u, nx * ny - u);
  const p = normalSurvival((far - mean - (continuity ? 0.5 : 0)) / sd);
  return alternative === "two-sided" ? Math.min(1, 2 * p) : p;
}
