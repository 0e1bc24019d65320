import type { Volume } from "../core/volume.js";
import { noiseLevel } from "../enhancement/noiseLevel.js";
import { subtract } from "../enhancement/subtract.js";
import { gaussian } from "../filters/gaussian.js";
import { breathe } from "../internal/breathe.js";
import { checkFiniteVoxels, checkNonNegative } from "../internal/check.js";
import { choleskyFactor, choleskySolve } from "../internal/cholesky.js";
import type { LowDoseScan, Restorer } from "./restorer.js";

export interface SureRefinedOptions {
  /**
   * Standard deviation of the noise of low − pre, if it is white. Default: `noiseLevel`, `"highpass-mad"`, over the brain where the restorer finds nothing that enhances,
   * and the grain of what it leaves there.
   */
  readonly sigma?: number;
}

/** Signals between which voxels are filtered alike; the brain's 95th percentile is 1. */
const LEVELS = [0.05, 0.1, 0.2, 0.35, 0.6, 1];
/** Which of them a voxel is between is asked of the smoothed signal, as noise must not choose its own filter. */
const LEVEL_SIGMA_VOXELS = 1.5;
/** Filters are of 5×5×5 voxels. */
const RADIUS = 2;
/** Standard deviation that a filter's coefficients are thought to have, before the scan is seen. */
const COEFFICIENT_SD = 0.01;
/** Share of the noise's variance that neighbours may have in common before it is held for grain: what a restorer misses where nothing enhances has as much. */
const DOUBTED_SHARE = 0.03;
/** Voxels from which a filter is fitted, at most; and the fewest, below which the signal stays as it is. */
const MOST_SAMPLES = 40_000;
const FEWEST_SAMPLES = 1000;

/**
 * A restorer fitted to each scan that it meets: ŝ + w ∗ y, where ŝ is the signal of the restorer within, y = (low − pre)/d the linear extrapolation and w a
 * point-symmetric filter of 5×5×5 voxels, one for each of seven levels of the smoothed ŝ. A network learns what scans have in common; how rough this one's
 * lesions are, and how thick its slices, the scan tells itself.
 *
 * The filters minimise Stein's unbiased estimate of the squared error in the brain, which needs the noise alone, and not the standard dose:
 *
 *     Σ (ŝ + w∗y − y)² + 2N Σ wₘ cₘ + (σ/τ)² Σ wₘ²,      c = σ² = (1 − d²) · (σ_noise/d)² in the middle,  τ = 0.01
 *
 * over N voxels and the 63 coefficients wₘ, one for the mean of two opposite voxels. For white noise cₘ is 0 but in the middle; the grain of an interpolated
 * scan is measured. How ŝ follows the noise isn't asked for, since w doesn't change it. The factor 1 − d² leaves the standard dose its own noise, of which the low dose
 * holds the share d, as networks of `noiseUnitsCard` learn it.
 *
 * A level of fewer than 1000 voxels stays as it is, as does what lies outside the brain or doesn't differ between the scans, and everything where there is no noise or
 * d = 1. What fits by chance adds about 126 σ²/n to the mean square error of n voxels: little in a brain, much in a toy.
 *
 * @param restorer any; keeps its name
 * @returns a restorer whose `signal` throws what that of `restorer` does, `out-of-range` if a voxel is NaN or infinite, `empty-mask` for the brain
 * @throws `out-of-range` for a negative `sigma`
 * @see Stein 1981, Annals of Statistics 9:1135; Blu & Luisier 2007, IEEE Transactions on Image Processing 16:2778 (linear expansions fitted by it)
 * @example
 * const restored = await restoreDose(sureRefined(smoothedExtrapolation()), { pre, low, dose: 0.33, brain });
 */
export function sureRefined(restorer: Restorer, { sigma: given }: SureRefinedOptions = {}): Restorer {
  if (given !== undefined) checkNonNegative("sigma", given);
  return {
    name: restorer.name,
    async signal(scan, task = {}) {
      const first = await restorer.signal(scan, task);
      const difference = subtract(scan.pre, scan.low);
      checkFiniteVoxels("The subtraction image", difference.data);
      const level = gaussian(first, { sigmaVoxels: LEVEL_SIGMA_VOXELS });
      const y = padded(difference.data, scan);
      const noise = given === undefined ? measuredNoise(first, difference, level, y, scan) : whiteNoise(y, given, scan);
      if (!(noise.at(-1)! > 0)) return first;
      const signal = Float32Array.from(first.data);
      const levels = byLevel(level, difference, scan);
      for (const [done, voxels] of levels.entries()) {
        task.onProgress?.({ done, total: levels.length, stage: "fitting to the scan" });
        await breathe(task.signal);
        if (voxels.length >= FEWEST_SAMPLES) addFiltered(signal, y, voxels, fittedFilter(first.data, y, voxels, noise));
      }
      task.onProgress?.({ done: levels.length, total: levels.length, stage: "fitting to the scan" });
      return { grid: first.grid, data: signal };
    },
  };
}

/** Covariance of y's noise at a voxel with that of its features: white noise is in the middle alone. */
function whiteNoise({ pairs }: Padded, sigma: number, { dose }: LowDoseScan): Float64Array {
  const covariance = new Float64Array(pairs.length + 1);
  covariance[pairs.length] = (1 - dose * dose) * (sigma / dose) ** 2;
  return covariance;
}

/**
 * The noise where nothing enhances, as elsewhere fine enhancement passes for noise; of the whole brain, and white, if there is no such place. A scan's grain is what
 * neighbours share of y − ŝ there. (Of white noise they share nothing; what of it is in ŝ makes the covariance a little negative, which isn't believed.)
 */
function measuredNoise(first: Volume, difference: Volume, level: Volume, y: Padded, scan: LowDoseScan): Float64Array {
  const { grid, data: inside } = scan.brain;
  const quiet = inside.map((within, v) => (within && difference.data[v] !== 0 && Math.abs(level.data[v]!) < LEVELS[0]! ? 1 : 0));
  const voxels = voxelsWhere(quiet, 1);
  const enough = voxels.length >= FEWEST_SAMPLES;
  const brain = enough ? { grid, data: quiet } : scan.brain;
  const noise = whiteNoise(y, noiseLevel(difference, { brain, estimator: "highpass-mad" }), scan);
  if (!enough || noise.at(-1) === 0) return noise;
  const rest = padded(
    first.data.map((s, v) => difference.data[v]! - scan.dose * s),
    scan,
  );
  const features = new Float64Array(noise.length);
  const sums = new Float64Array(noise.length);
  const samples = thinned(voxels);
  for (const voxel of samples) {
    const middle = readFeatures(features, 0, rest, rest.place(voxel));
    for (let m = 0; m < sums.length; m++) sums[m]! += features[m]! * middle;
  }
  const doubted = DOUBTED_SHARE * noise.at(-1)!;
  return noise.map((white, m) => Math.max(white, sums[m]! / samples.length - (white > 0 ? 0 : doubted)));
}

/** The brain's voxels at each level, but those that are the same in both scans: a stripped ground has no noise. */
function byLevel({ data: level }: Volume, { data: difference }: Volume, { brain }: LowDoseScan): readonly Uint32Array[] {
  const levels = new Uint8Array(level.length);
  for (let v = 0; v < level.length; v++) {
    if (!brain.data[v] || difference[v] === 0) continue;
    let n = 0;
    while (n < LEVELS.length && level[v]! >= LEVELS[n]!) n++;
    levels[v] = n + 1;
  }
  return Array.from({ length: LEVELS.length + 1 }, (_, n) => voxelsWhere(levels, n + 1));
}

function voxelsWhere(data: ArrayLike<number>, value: number): Uint32Array {
  let count = 0;
  for (let v = 0; v < data.length; v++) if (data[v] === value) count++;
  const voxels = new Uint32Array(count);
  for (let v = 0, n = 0; v < data.length; v++) if (data[v] === value) voxels[n++] = v;
  return voxels;
}

/** One in so many of them, evenly, that there are at most {@link MOST_SAMPLES}. */
function thinned(voxels: Uint32Array): Uint32Array {
  const stride = Math.ceil(voxels.length / MOST_SAMPLES);
  return voxels.filter((_, n) => n % stride === 0);
}

/** A volume with its last voxels repeated beyond its ends, so that every voxel has all of its neighbours at the same distances in memory. */
interface Padded {
  readonly data: Float32Array;
  /** Where a voxel of the volume lies. */
  place(voxel: number): number;
  /** Distances to half of the neighbours; the other half are opposite. */
  readonly pairs: Int32Array;
  /** Distances to the first of the five neighbours in each of the 25 rows, in the order of memory. */
  readonly rows: Int32Array;
}

/** A subtraction image of a low dose, brought to the standard dose. */
function padded(from: Volume["data"], { pre, dose }: LowDoseScan): Padded {
  const [ni, nj, nk] = pre.grid.shape;
  const [mi, mj, mk] = [ni + 2 * RADIUS, nj + 2 * RADIUS, nk + 2 * RADIUS];
  const data = new Float32Array(mi * mj * mk);
  const within = (index: number, n: number) => Math.max(0, Math.min(n - 1, index - RADIUS));
  for (let k = 0, to = 0; k < mk; k++)
    for (let j = 0; j < mj; j++) {
      const row = ni * (within(j, nj) + nj * within(k, nk));
      for (let i = 0; i < mi; i++) data[to++] = from[row + within(i, ni)]! / dose;
    }
  const neighbours: number[] = [];
  for (let k = -RADIUS; k <= RADIUS; k++)
    for (let j = -RADIUS; j <= RADIUS; j++) for (let i = -RADIUS; i <= RADIUS; i++) neighbours.push(i + mi * (j + mj * k));
  return {
    data,
    place(voxel) {
      const i = voxel % ni;
      const row = (voxel - i) / ni;
      const j = row % nj;
      return i + RADIUS + mi * (j + RADIUS + mj * ((row - j) / nj + RADIUS));
    },
    pairs: Int32Array.from(neighbours.slice((neighbours.length + 1) / 2)),
    rows: Int32Array.from(neighbours.filter((_, n) => n % (2 * RADIUS + 1) === 0)),
  };
}

/** Voxels whose features are read before {@link addProducts} multiplies them: the sums then go through memory that many times less. */
const AT_ONCE = 4;

/** The coefficients of the pairs, and of the middle last. */
function fittedFilter(first: Volume["data"], y: Padded, voxels: Uint32Array, noise: Float64Array): Float64Array {
  const size = y.pairs.length + 1;
  const normal = new Float64Array(size * size);
  const right = new Float64Array(size);
  const features = new Float64Array(AT_ONCE * size);
  const rest = new Float64Array(AT_ONCE);
  const samples = thinned(voxels);
  for (let n = 0; n < samples.length; n += AT_ONCE) {
    for (let m = 0; m < AT_ONCE; m++) {
      const voxel = samples[n + m];
      // Beyond the last one there are zeros, which add nothing.
      if (voxel === undefined) features.fill(0, m * size, (m + 1) * size);
      else rest[m] = readFeatures(features, m * size, y, y.place(voxel)) - first[voxel]!;
    }
    addProducts(normal, right, features, rest);
  }
  const shrinkage = noise[size - 1]! / COEFFICIENT_SD ** 2;
  for (let a = 0; a < size; a++) {
    // Stein's term: y's noise is in the features and in what they are to explain.
    right[a]! -= noise[a]! * samples.length;
    normal[a * size + a]! += shrinkage;
  }
  return choleskySolve(choleskyFactor(normal, size), right);
}

/** Reads the means of each pair of opposite neighbours, and the voxel itself last, which is returned. */
function readFeatures(to: Float64Array, start: number, { data, pairs }: Padded, at: number): number {
  for (let n = 0; n < pairs.length; n++) to[start + n] = (data[at + pairs[n]!]! + data[at - pairs[n]!]!) / 2;
  to[start + pairs.length] = data[at]!;
  return data[at]!;
}

/** Adds Σ f fᵀ, on and below the diagonal, and Σ f · rest, of four voxels. */
function addProducts(normal: Float64Array, right: Float64Array, features: Float64Array, rest: Float64Array): void {
  const size = right.length;
  for (let a = 0, row = 0; a < size; a++, row += size) {
    const f0 = features[a]!;
    const f1 = features[size + a]!;
    const f2 = features[2 * size + a]!;
    const f3 = features[3 * size + a]!;
    right[a]! += f0 * rest[0]! + f1 * rest[1]! + f2 * rest[2]! + f3 * rest[3]!;
    for (let b = 0; b <= a; b++)
      normal[row + b]! +=
        f0 * features[b]! + f1 * features[size + b]! + f2 * features[2 * size + b]! + f3 * features[3 * size + b]!;
  }
}

function addFiltered(signal: Float32Array, y: Padded, voxels: Uint32Array, filter: Float64Array): void {
  const { data, rows } = y;
  const kernel = wholeKernel(filter);
  for (let n = 0; n < voxels.length; n++) {
    const voxel = voxels[n]!;
    const at = y.place(voxel);
    let sum = 0;
    for (let r = 0, k = 0; r < rows.length; r++, k += 5) {
      const row = at + rows[r]!;
      sum +=
        kernel[k]! * data[row]! +
        kernel[k + 1]! * data[row + 1]! +
        kernel[k + 2]! * data[row + 2]! +
        kernel[k + 3]! * data[row + 3]! +
        kernel[k + 4]! * data[row + 4]!;
    }
    signal[voxel]! += sum;
  }
}

/** All 125 voxels' weights, in the order of memory. */
function wholeKernel(filter: Float64Array): Float64Array {
  const pairs = filter.length - 1;
  const kernel = new Float64Array(2 * pairs + 1);
  kernel[pairs] = filter[pairs]!;
  for (let n = 0; n < pairs; n++) {
    kernel[pairs + 1 + n] = filter[n]! / 2;
    kernel[pairs - 1 - n] = filter[n]! / 2;
  }
  return kernel;
}
