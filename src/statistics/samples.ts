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
  let mean = sum / samples.length;
  if (Number.isFinite(mean)) return mean + restOf(samples, mean);
  mean = 0;
  for (let i = 0; i < samples.length; i++) mean += samples[i]! / samples.length;
  return mean;
}

/** Mean of what samples exceed a number by: by how much a rounded mean is too small. */
export function restOf(samples: ArrayLike<number>, mean: number): number {
  let left = 0;
  for (let i = 0; i < samples.length; i++) left += samples[i]! - mean;
  return left / samples.length;
}

/** Sample standard deviation (divisor n − 1) about a given mean, whose rounding is made up for; `NaN` for a single sample. */
export function standardDeviation(samples: ArrayLike<number>, mean: number): number {
  let largest = 0;
  for (let i = 0; i < samples.length; i++) largest = Math.max(largest, Math.abs(samples[i]! - mean));
  const n = samples.length;
  if (n < 2) return Number.NaN;
  if (largest === 0) return 0;
  const unit = powerOfTwo(largest);
  let [sum, left] = [0, 0];
  for (let i = 0; i < n; i++) {
    const d = (samples[i]! - mean) / unit;
    sum += d * d;
    left += d;
  }
  return unit * Math.sqrt(Math.max(0, sum - (left * left) / n) / (n - 1));
}

/** A unit of about a number's size: squares of tiny or huge numbers are 0 or infinite, and in a power of two nothing is rounded. */
export const powerOfTwo = (size: number): number => 2 ** Math.max(-1022, Math.floor(Math.log2(size)));

/** Percentile q (0 … 100) of sorted samples, linear between neighbours as numpy's default. */
export function percentileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const position = (q / 100) * (sorted.length - 1);
  const index = Math.floor(position);
  const low = sorted[index]!;
  const high = sorted[Math.min(index + 1, sorted.length - 1)]!;
  if (low === high) return low;
  const t = position - index;
  if (t === 0) return low;
  if (!Number.isFinite(high - low)) return Number.isFinite(low) ? high : low === -high ? Number.NaN : low;
  // From the nearer end, so that both ends are exact (as numpy does).
  return t < 0.5 ? low + (high - low) * t : high - (high - low) * (1 - t);
}
