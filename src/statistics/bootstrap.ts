import { GadoliniteError } from "../core/errors.js";
import { checkOneOf, checkPositiveInteger } from "../internal/check.js";
import { normalSurvival } from "../internal/erfc.js";
import { createRandom } from "../internal/random.js";
import { bisect } from "./incompleteBeta.js";
import type { IntervalOptions } from "./interval.js";
import { checkLevel } from "./level.js";
import { meanOf, percentileOfSorted, standardDeviation } from "./samples.js";

export interface BootstrapOptions<Case> extends IntervalOptions {
  /** Seed of the random numbers, an integer of 0 … 2⁵³ − 1. Required, so that an interval can be repeated. */
  readonly seed: number;
  /** Number of resamples. Default 10,000. */
  readonly resamples?: number;
  /**
   * Which cases belong together, e.g. the scans of one patient: whole clusters are drawn. Default: each case is a cluster of its own.
   */
  readonly clusterOf?: (item: Case) => string | number;
  /** `"percentile"` (default), or `"bca"`, corrected for bias and skewness by leaving out each cluster in turn. */
  readonly method?: "percentile" | "bca";
}

export interface BootstrapResult {
  /** The statistic of the cases as they are. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** Standard deviation of the statistic over resamples. */
  readonly standardError: number;
  /** Resamples in which the statistic is NaN (a ratio without a denominator); they are left out. */
  readonly undefinedResamples: number;
}

/**
 * Bootstrap interval of any statistic of the cases of a study; of clusters of cases, if cases belong together.
 *
 * @param cases what is drawn, with replacement
 * @param statistic number of a list of cases; the list is used again for the next resample, so don't keep it
 * @returns bounds are `NaN` if the statistic is undefined in every resample
 * @throws `out-of-range` if there is no case, the seed is no such integer, the number of resamples not positive, or the level not between 0 and 1
 * @see Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 13 and 14
 * @example
 * const sum = (list: readonly number[]) => list.reduce((total, v) => total + v, 0);
 * const sensitivity = (list: typeof cases) => sum(list.map((c) => c.found)) / sum(list.map((c) => c.lesions));
 * const { low, high } = bootstrap(cases, sensitivity, { seed: 1, clusterOf: (c) => c.patient });
 */
export function bootstrap<Case>(
  cases: readonly Case[],
  statistic: (cases: readonly Case[]) => number,
  { seed, resamples = 10_000, clusterOf, method = "percentile", level = 0.95 }: BootstrapOptions<Case>,
): BootstrapResult {
  if (cases.length === 0) throw new GadoliniteError("out-of-range", "There is no case to draw from.");
  checkPositiveInteger("resamples", resamples);
  checkOneOf("method", method, ["percentile", "bca"]);
  checkLevel(level);
  const clusters = clustersOf(cases, clusterOf);
  const random = createRandom(seed);
  const drawn: Case[] = [];
  const values = new Float64Array(resamples);
  for (let n = 0; n < resamples; n++) {
    let length = 0;
    for (let c = 0; c < clusters.length; c++)
      for (const item of clusters[random.integer(clusters.length)]!) drawn[length++] = item;
    drawn.length = length;
    values[n] = statistic(drawn);
  }
  const estimate = statistic(cases);
  const sorted = values.filter((v) => !Number.isNaN(v)).sort();
  const tail = (1 - level) / 2;
  const shares = method === "bca" ? bcaShares(estimate, sorted, clusters, statistic, tail) : [tail, 1 - tail];
  const [low, high] = shares.map((share) => (sorted.length > 0 ? percentileOfSorted(sorted, 100 * share) : Number.NaN));
  return {
    estimate,
    low: low!,
    high: high!,
    standardError: standardDeviation(sorted, meanOf(sorted)),
    undefinedResamples: resamples - sorted.length,
  };
}

function clustersOf<Case>(cases: readonly Case[], clusterOf: BootstrapOptions<Case>["clusterOf"]): readonly (readonly Case[])[] {
  if (!clusterOf) return cases.map((item) => [item]);
  const clusters = new Map<string | number, Case[]>();
  for (const item of cases) {
    const key = clusterOf(item);
    const cluster = clusters.get(key);
    if (cluster) cluster.push(item);
    else clusters.set(key, [item]);
  }
  return [...clusters.values()];
}

/** Efron 1987: percentiles moved by the bias z₀ and the acceleration a. */
function bcaShares<Case>(
  estimate: number,
  sorted: Float64Array,
  clusters: readonly (readonly Case[])[],
  statistic: (cases: readonly Case[]) => number,
  tail: number,
): readonly number[] {
  const jackknife = clusters
    .map((_, left) => statistic(clusters.filter((__, n) => n !== left).flat()))
    .filter((v) => !Number.isNaN(v));
  const mean = meanOf(jackknife);
  const power = (p: number) => jackknife.reduce((sum, v) => sum + (mean - v) ** p, 0);
  const a = power(2) > 0 ? power(3) / (6 * power(2) ** 1.5) : 0;
  // Ties count half, as for a statistic with few values.
  const below = sorted.reduce((sum, v) => sum + (v < estimate ? 1 : v === estimate ? 0.5 : 0), 0) / sorted.length;
  if (!(below > 0 && below < 1)) return [tail, 1 - tail];
  const z0 = normalQuantile(below);
  return [tail, 1 - tail].map((share) => {
    const z = z0 + normalQuantile(share);
    return 1 - normalSurvival(z0 + z / (1 - a * z));
  });
}

const normalQuantile = (p: number) => bisect((z) => normalSurvival(-z) < p, -40, 40);
