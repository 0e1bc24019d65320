import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";
import { percentile } from "../filters/percentile.js";
import {
  checkFiniteVoxels,
  checkMask,
  checkPositive,
  checkPositiveInteger,
  checkSameGrid,
  checkWithin,
} from "../internal/check.js";
import { linearMap } from "./linearMap.js";

export interface MatchRadiometricOptions {
  /** The brain. */
  readonly mask: Mask;
  /** Scale α of the loss in the volumes' unit: larger differences count as outliers. Default 0.05, for a brain whose 95th percentile is 1. */
  readonly alpha?: number;
  /** Quantile of moving − reference above which voxels are left out as enhancing, above 0, up to 1; default 0.8. */
  readonly trimQuantile?: number;
  /** Every how many of the remaining voxels one is used, in memory order; default 8. */
  readonly stride?: number;
  /**
   * How often the enhancing voxels are chosen: once (default, as in the public code) at the starting scale, then again at the scale found.
   * Chosen once, a start that is 13 % off biases the scale by some 0.6 %; three times removes that.
   */
  readonly trims?: number;
  /** Stops when the scale moves, and its gradient would move it, by less than this; default 1e-5. */
  readonly tolerance?: number;
  /** Most iterations; default 1000. */
  readonly maxIterations?: number;
}

export interface MatchedRadiometric {
  /** scale · moving. */
  readonly volume: Volume;
  readonly scale: number;
  readonly iterations: number;
  /** Mean of ρ over the voxels used, in the volumes' unit squared. */
  readonly energy: number;
}

/** With fewer voxels than this there is no estimate, as in the public code. */
const MIN_VOXELS = 1000;

/**
 * Finds the one factor that makes a scan agree with another where nothing enhances.
 *
 *     min over s of Σ ρ(s·x − y),   ρ(t) = (α²/2)·ln(1 + t²/α²)        x: moving, y: reference
 *
 * over the brain's voxels without the most positive differences. Minimised by an inertial gradient descent (momentum 0.7, step
 * 1/Σx²) from s = 1. The loss is not convex: a coarse scan from 1/4 to 4 moves the start, and the choice of voxels with it, where a deeper
 * minimum lies beyond a rise. The published rule stops at a small step; here the slope must be small too, as a step also is where
 * inertia turns round.
 *
 * @param reference pre-contrast scan; brain intensities of about 1 (see {@link scaleToPercentile}), or give `alpha`
 * @param moving    post-contrast scan on the same grid, in about the same unit
 * @returns the scaled volume, the factor, and how it was found
 * @throws `grid-mismatch`, `empty-mask`; `not-prepared` if `alpha` is not between 0.5 and 50 % of the reference's 95th percentile in the
 *   mask (scans not scaled yet); `not-converged` if the energy rose or the iterations ran out; `out-of-range` if fewer than 1000
 *   voxels remain, they are all 0, a voxel is NaN or infinite, or an option is out of range
 * @see Pinetz et al. 2024, section 3.1 ("a scalar to minimize a robust distance"); the loss is Cauchy's (Lorentzian)
 * @example
 * const { volume } = matchRadiometric(pre, post, { mask: brain });
 */
export function matchRadiometric(reference: Volume, moving: Volume, options: MatchRadiometricOptions): MatchedRadiometric {
  const { mask, alpha = 0.05, trimQuantile = 0.8, stride = 8, trims = 1, tolerance = 1e-5, maxIterations = 1000 } = options;
  checkSameGrid(reference.grid, moving.grid);
  checkMask("The brain mask", mask, reference.grid);
  checkFiniteVoxels("The reference", reference.data);
  checkFiniteVoxels("The moving volume", moving.data);
  checkPositive("alpha", alpha);
  checkPositive("trimQuantile", trimQuantile);
  checkWithin("trimQuantile", trimQuantile, 0, 1);
  checkPositiveInteger("stride", stride);
  checkPositiveInteger("trims", trims);
  checkPositive("tolerance", tolerance);
  checkPositiveInteger("maxIterations", maxIterations);
  checkUnit(reference, mask, alpha);

  const choose = (scale: number) => quietVoxels(reference, moving, mask, { scale, trimQuantile, stride });
  let samples = choose(1);
  let scale = deepestStart(samples, alpha);
  if (scale !== 1) samples = choose(scale);
  let iterations = 0;
  for (let trim = 0; trim < trims; trim++) {
    if (trim > 0) samples = choose(scale);
    const solved = descend(samples, scale, { alpha, tolerance, maxIterations });
    scale = solved.scale;
    iterations += solved.iterations;
  }
  return { volume: linearMap(moving, scale, 0), scale, iterations, energy: energyAt(samples, scale, alpha) };
}

function checkUnit(reference: Volume, mask: Mask, alpha: number): void {
  const unit = percentile(reference, 95, { mask });
  if (!(alpha >= 0.005 * unit && alpha <= 0.5 * unit))
    throw new GadoliniteError(
      "not-prepared",
      `The reference's 95th percentile in the mask is ${unit}, but alpha = ${alpha} is meant for about 1. Scale both scans first (scaleToPercentile), or give alpha as 0.05 times that percentile.`,
    );
}

/** Voxels of moving (x) and reference (y) that are fitted. */
interface Samples {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Σx². */
  readonly power: number;
}

function quietVoxels(
  reference: Volume,
  moving: Volume,
  mask: Mask,
  { scale, trimQuantile, stride }: { scale: number; trimQuantile: number; stride: number },
): Samples {
  const difference = new Float32Array(moving.data.length);
  for (let i = 0; i < difference.length; i++) difference[i] = scale * moving.data[i]! - reference.data[i]!;
  // At quantile 1 even the largest difference stays.
  const limit = trimQuantile === 1 ? Infinity : percentile({ grid: moving.grid, data: difference }, 100 * trimQuantile, { mask });
  const x = new Float64Array(Math.ceil(difference.length / stride));
  const y = new Float64Array(x.length);
  let count = 0;
  let power = 0;
  for (let i = 0, quiet = 0; i < difference.length; i++) {
    if (!mask.data[i] || !(difference[i]! < limit) || quiet++ % stride !== 0) continue;
    x[count] = moving.data[i]!;
    y[count++] = reference.data[i]!;
    power += moving.data[i]! ** 2;
  }
  if (count < MIN_VOXELS)
    throw new GadoliniteError(
      "out-of-range",
      `Only ${count} voxels remain to be matched, and ${MIN_VOXELS} are needed. Give a larger mask, a smaller stride or a larger trimQuantile.`,
    );
  if (!(power > 0))
    throw new GadoliniteError(
      "out-of-range",
      "The moving volume is 0 in every voxel to be matched. Is the mask in the right place?",
    );
  return { x: x.slice(0, count), y: y.slice(0, count), power };
}

/** Mean of ρ over the samples 0, every, 2·every … */
function energyAt({ x, y }: Samples, scale: number, alpha: number, every = 1): number {
  let sum = 0;
  let count = 0;
  for (let n = 0; n < x.length; n += every, count++) sum += Math.log1p(((scale * x[n]! - y[n]!) / alpha) ** 2);
  return (0.5 * alpha * alpha * sum) / count;
}

/** Half the number of scales of the coarse scan: 4^(−1) … 4^(+1) in 1/16 steps of the exponent. */
const SCAN = 16;
/** About so many voxels are enough to tell one valley of the energy from another. */
const SCAN_VOXELS = 20_000;

/** 1, unless the coarse scan's lowest energy lies in another valley than the one that 1 rolls down into. */
function deepestStart(samples: Samples, alpha: number): number {
  const scaleOf = (step: number) => 4 ** (step / SCAN - 1);
  const every = Math.ceil(samples.x.length / SCAN_VOXELS);
  const energies = Array.from({ length: 2 * SCAN + 1 }, (_, step) => energyAt(samples, scaleOf(step), alpha, every));
  let bottom = SCAN;
  for (const way of [1, -1]) while (energies[bottom + way]! < energies[bottom]!) bottom += way;
  const deepest = energies.indexOf(Math.min(...energies));
  return deepest === bottom ? 1 : scaleOf(deepest);
}

interface Descent {
  readonly alpha: number;
  readonly tolerance: number;
  readonly maxIterations: number;
}

function descend(
  samples: Samples,
  start: number,
  { alpha, tolerance, maxIterations }: Descent,
): { scale: number; iterations: number } {
  let previous = start;
  let scale = start;
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    const ahead = scale + 0.7 * (scale - previous);
    const slope = gradientAt(samples, ahead, alpha);
    previous = scale;
    scale = ahead - slope;
    // Where inertia turns round after overshooting, a step alone may be small: the slope must be as well.
    if (Math.abs(scale - previous) >= tolerance || Math.abs(slope) >= tolerance) continue;
    // Rounding alone may lift the energy of a start that was already right.
    if (energyAt(samples, scale, alpha) > energyAt(samples, start, alpha) * (1 + 1e-9) + Number.MIN_VALUE)
      throw new GadoliniteError(
        "not-converged",
        `The radiometric energy rose while the scale went from ${start} to ${scale}. Are the scans registered, and scaled alike?`,
      );
    return { scale, iterations: iteration };
  }
  throw new GadoliniteError(
    "not-converged",
    `The radiometric scale had not settled after ${maxIterations} iterations (it is at ${scale}). Raise maxIterations or tolerance, and check that the scans are registered.`,
  );
}

/** Derivative of the energy by s, divided by Σx²: its slope is at most 1. */
function gradientAt({ x, y, power }: Samples, scale: number, alpha: number): number {
  let sum = 0;
  for (let n = 0; n < x.length; n++) {
    const d = scale * x[n]! - y[n]!;
    sum += (x[n]! * d) / (1 + (d / alpha) ** 2);
  }
  return sum / power;
}
