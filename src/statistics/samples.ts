import { GadoliniteError } from "../core/errors.js";

/** Throws `out-of-range` if there are fewer samples than `least`, or one of them is NaN. */
export function checkSamples(name: string, samples: ArrayLike<number>, least = 1): void {
  if (samples.length < least)
    throw new GadoliniteError("out-of-range", `${name} needs ${least} sample(s) or more, but has ${samples.length}.`);
  for (let i = 0; i < samples.length; i++)
    if (Number.isNaN(samples[i]))
      throw new GadoliniteError("out-of-range", `${name}[${i}] is NaN. Leave undefined values out, and say how many there were.`);
}

/** The same, and throws `out-of-range` if one of them is infinite. */
export function checkFiniteSamples(name: string, samples: ArrayLike<number>, least = 1): void {
  checkSamples(name, samples, least);
  for (let i = 0; i < samples.length; i++)
    if (!Number.isFinite(samples[i]))
      throw new GadoliniteError("out-of-range", `${name}[${i}] is infinite: no mean or difference can be formed with it.`);
}

/** Throws `out-of-range` unless the two have equally many samples. */
export function checkPaired(nameX: string, x: ArrayLike<number>, nameY: string, y: ArrayLike<number>): void {
  if (x.length !== y.length)
    throw new GadoliniteError(
      "out-of-range",
      `${nameX} and ${nameY} must pair up, but have ${x.length} and ${y.length} samples.`,
    );
}

/** Arithmetic mean, corrected by the mean of what rounding left over. */
export function meanOf(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]!;
  const mean = sum / samples.length;
  if (!Number.isFinite(mean)) return mean;
  let left = 0;
  for (let i = 0; i < samples.length; i++) left += samples[i]! - mean;
  return mean + left / samples.length;
}

/** Sum of squared distances from the mean. */
export function sumOfSquares(samples: ArrayLike<number>, mean: number): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += (samples[i]! - mean) ** 2;
  return sum;
}

/** Percentile q (0 … 100) of sorted samples, linear between neighbours as numpy's default. */
export function percentileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const position = (q / 100) * (sorted.length - 1);
  const index = Math.floor(position);
  const low = sorted[index]!;
  const high = sorted[Math.min(index + 1, sorted.length - 1)]!;
  if (low === high) return low;
  const t = position - index;
  // From the nearer end, so that both ends are exact (as numpy does).
  return t < 0.5 ? low + (high - low) * t : high - (high - low) * (1 - t);
}
