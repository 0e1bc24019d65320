import type { Interval, IntervalOptions } from "./interval.js";
import { checkLevel } from "./level.js";
import { checkFiniteSamples, meanOf, standardDeviation } from "./samples.js";
import { studentQuantile } from "./studentT.js";

/**
 * Student's interval of a mean.
 *
 *     mean ± t(1 − α/2; n − 1) · sd / √n
 *
 * @param samples independent numbers, two or more, finite
 * @throws `out-of-range` if there are fewer than two samples, one is NaN or infinite, or the level is not between 0 and 1
 * @see Student 1908, Biometrika 6:1
 * @example
 * const [low, high] = studentInterval(falseDetectionsPerCase);
 */
export function studentInterval(samples: ArrayLike<number>, { level = 0.95 }: IntervalOptions = {}): Interval {
  checkFiniteSamples("samples", samples, 2);
  checkLevel(level);
  const mean = meanOf(samples);
  const half =
    (studentQuantile((1 - level) / 2, samples.length - 1) * standardDeviation(samples, mean)) / Math.sqrt(samples.length);
  return [mean - half, mean + half];
}
