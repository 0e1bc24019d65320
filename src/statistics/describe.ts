import { checkSamples, meanOf, percentileOfSorted, standardDeviation } from "./samples.js";

/** Mean ± sd, and median [q1, q3], of a sample. */
export interface Description {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (divisor n − 1); `NaN` for a single sample. */
  readonly sd: number;
  readonly min: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly max: number;
}

/**
 * Describes a sample: mean, standard deviation and quartiles (linear between neighbours, numpy's default).
 *
 * @param samples one number a case. Infinite ones count (the PSNR of equal volumes is `Infinity`): the mean is then infinite, the sd `NaN`
 * @throws `out-of-range` if there is no sample, or one is NaN
 * @see Hyndman and Fan 1996, Am Stat 50:361, definition 7 (quartiles)
 * @example
 * const { mean, sd, median, q1, q3 } = describe(decibels);
 */
export function describe(samples: ArrayLike<number>): Description {
  checkSamples("samples", samples);
  const sorted = Float64Array.from(samples).sort();
  const n = sorted.length;
  const mean = meanOf(sorted);
  return {
    n,
    mean,
    sd: standardDeviation(sorted, mean),
    min: sorted[0]!,
    q1: percentileOfSorted(sorted, 25),
    median: percentileOfSorted(sorted, 50),
    q3: percentileOfSorted(sorted, 75),
    max: sorted[n - 1]!,
  };
}
