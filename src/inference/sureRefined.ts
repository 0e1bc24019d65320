import type { Volume } from "../core/volume.js";
import { subtract } from "../enhancement/subtract.js";
import { gaussian } from "../filters/gaussian.js";
import { linearQuantiles } from "../filters/orderStatistics.js";
import { breathe } from "../internal/breathe.js";
import { checkFiniteVoxels, checkNonNegative } from "../internal/check.js";
import { choleskyFactor, choleskySolve } from "../internal/cholesky.js";
import { type ExtrapolationNoise, FAINT, FAINT_SIGMA_VOXELS, measuredNoise, whiteNoise } from "./extrapolationNoise.js";
import { listed, type Padded, padded, readFeatures, thinned } from "./neighbourhoods.js";
import type { LowDoseScan, Restorer } from "./restorer.js";

export interface SureRefinedOptions {
  /**
   * Standard deviation of the noise of low − pre, if it is white. Default: `noiseLevel`, `"highpass-mad"`, over the brain where the restorer finds nothing that enhances,
   * and the grain of what it leaves there.
   */
  readonly sigma?: number;
}

/**
 * Signals between which voxels are filtered alike; the brain's 95th percentile is 1. Which of them a voxel is between, and how rough it is about it, is asked of the
 * smoothed signal and its square, as noise must not choose its own filter.
 */
const LEVELS = [FAINT, 0.1, 0.2, 0.35, 0.6, 1];
/** Standard deviation that a level's coefficients are thought to have before the scan is seen, and those of a third of it about the level's. */
const LEVEL_SD = 0.01;
const THIRD_SD = 0.005;
/** Voxels of a level that are enough to fit a filter to; and of which one in so many is taken for each filter, at most. */
const FEWEST_SAMPLES = 1000;
const MOST_SAMPLES = 30_000;

/**
 * A restorer fitted to each scan that it meets: ŝ + w ∗ y, where ŝ is the signal of the restorer within, y = (low − pre)/d the linear extrapolation and w a
 * point-symmetric filter of 5×5×5 voxels: one for each of seven levels of the smoothed ŝ, and beside it one for each third of a level, by how much ŝ varies about
 * a voxel. A network learns what scans have in common; how rough this one's lesions are, and how thick its slices, the scan tells itself.
 *
 * The filters minimise Stein's unbiased estimate of the squared error in the brain, which needs the noise alone, and not the standard dose:
 *
 *     Σ (ŝ + w∗y − y)² + 2N Σ wₘ cₘ + (σ/τ)² Σ wₘ²,      c = σ² = (1 − d²) · (σ_noise/d)² in the middle,  τ = 0.01
 *
 * over N voxels and the 63 coefficients wₘ, one for the mean of two opposite voxels; then over each third, for what the level's filter leaves, with τ = 0.005. For
 * white noise cₘ is 0 but in the middle; the grain of an interpolated scan is measured by what the restorer leaves of it (plain smoothing lets its broad part
 * through, and may lose by the fit then). How ŝ follows the noise isn't asked for, since w doesn't change it. The factor 1 − d² leaves the standard dose its own
 * noise, of which the low dose holds the share d, as networks of `noiseUnitsCard` learn it.
 *
 * A level of fewer than 1000 voxels stays as it is, as does what lies outside the brain or doesn't differ between the scans, and everything where there is no noise or
 * d = 1. What fits by chance adds up to about 200 σ²/n to the mean square error for each filter fitted to n voxels: little in a brain, much in a toy.
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
      const level = gaussian(first, { sigmaVoxels: FAINT_SIGMA_VOXELS });
      const noise = given === undefined ? measuredNoise(first, level, difference, scan) : whiteNoise(given, scan);
      if (!(noise.variance > 0)) return first;
      const y = padded({ grid: first.grid, data: difference.data.map((z) => z / scan.dose) });
      const signal = Float32Array.from(first.data);
      const levels = byLevel(level, difference, scan);
      const roughness = localVariance(first, level);
      for (const [done, voxels] of levels.entries()) {
        task.onProgress?.({ done, total: levels.length, stage: "fitting to the scan" });
        await breathe(task.signal);
        if (voxels.length < FEWEST_SAMPLES) continue;
        const thirds = byRoughness(voxels, roughness);
        for (const [n, filter] of fittedFilters(first.data, y, thirds, noise).entries())
          addFiltered(signal, y, thirds[n]!, filter);
      }
      task.onProgress?.({ done: levels.length, total: levels.length, stage: "fitting to the scan" });
      return { grid: first.grid, data: signal };
    },
  };
}

/** The brain's voxels at each level, but those that are the same in both scans: a stripped ground has no noise. */
function byLevel({ data: level }: Volume, { data: difference }: Volume, { brain }: LowDoseScan): readonly Uint32Array[] {
  const count = LEVELS.length + 1;
  const levels = new Uint8Array(level.length).fill(count);
  for (let v = 0; v < level.length; v++) {
    if (!brain.data[v] || difference[v] === 0) continue;
    let n = 0;
    while (n < LEVELS.length && level[v]! >= LEVELS[n]!) n++;
    levels[v] = n;
  }
  return listed(levels, count);
}

/** G_σ ∗ ŝ² − (G_σ ∗ ŝ)². */
function localVariance({ grid, data: first }: Volume, { data: smoothed }: Volume): Float32Array {
  const squares = new Float32Array(first.length);
  for (let v = 0; v < squares.length; v++) squares[v] = first[v]! ** 2;
  const variance = gaussian({ grid, data: squares }, { sigmaVoxels: FAINT_SIGMA_VOXELS }).data;
  for (let v = 0; v < variance.length; v++) variance[v]! -= smoothed[v]! ** 2;
  return variance;
}

/** The smoothest third of these voxels, the middle one, and the roughest. */
function byRoughness(voxels: Uint32Array, roughness: Float32Array): readonly Uint32Array[] {
  const values = new Float32Array(voxels.length);
  for (let n = 0; n < values.length; n++) values[n] = roughness[voxels[n]!]!;
  const [low, high] = linearQuantiles("The roughness", values, [100 / 3, 200 / 3]) as [number, number];
  const thirds = new Uint8Array(voxels.length);
  for (let n = 0; n < thirds.length; n++) thirds[n] = (values[n]! >= low ? 1 : 0) + (values[n]! >= high ? 1 : 0);
  return listed(thirds, 3).map((third) => third.map((n) => voxels[n]!));
}

/** Voxels whose features are read before {@link addProducts} multiplies them: the sums then go through memory that many times less. */
const AT_ONCE = 4;

/** Of each third the coefficients of the pairs, and of the middle last: those that fit the level, and what fits the third better. */
function fittedFilters(
  first: Volume["data"],
  y: Padded,
  thirds: readonly Uint32Array[],
  noise: ExtrapolationNoise,
): readonly Float64Array[] {
  const products = thirds.map((voxels) => sumsOfProducts(first, y, voxels, noise));
  const ofLevel = ridge(products.reduce(together), noise.variance / LEVEL_SD ** 2);
  return products.map(({ normal, right }) => {
    const left = { normal, right: right.map((sum, a) => sum - rowTimes(normal, a, ofLevel)) };
    const ofThird = ridge(left, noise.variance / THIRD_SD ** 2);
    return ofLevel.map((w, m) => w + ofThird[m]!);
  });
}

/** Normal equations of the features of voxels. */
interface Products {
  /** Σ f fᵀ, on and below the diagonal. */
  readonly normal: Float64Array;
  /** Σ f · (y − ŝ) without what is noise of it: Stein's term. */
  readonly right: Float64Array;
}

function sumsOfProducts(
  first: Volume["data"],
  y: Padded,
  voxels: Uint32Array,
  { variance, shared }: ExtrapolationNoise,
): Products {
  const size = y.pairs.length + 1;
  // What is to be explained stands behind the features, so that one matrix holds all sums.
  const sums = new Float64Array((size + 1) ** 2);
  const block = new Float64Array((size + 1) * AT_ONCE);
  const samples = thinned(voxels, MOST_SAMPLES);
  for (let n = 0; n < samples.length; n += AT_ONCE) {
    // Beyond the last voxel there are zeros, which add nothing.
    if (n + AT_ONCE > samples.length) block.fill(0);
    for (let m = 0; m < AT_ONCE && n + m < samples.length; m++) {
      const voxel = samples[n + m]!;
      block[size * AT_ONCE + m] = readFeatures(block, m, AT_ONCE, y, y.place(voxel)) - first[voxel]!;
    }
    addProducts(sums, block, size + 1);
  }
  const normal = new Float64Array(size * size);
  for (let a = 0; a < size; a++) normal.set(sums.subarray(a * (size + 1), a * (size + 1) + size), a * size);
  const right = sums.slice(size * (size + 1), size * (size + 2));
  for (let a = 0; a < size; a++) right[a]! -= (shared[a] ?? variance) * samples.length;
  return { normal, right };
}

const together = (a: Products, b: Products): Products => ({
  normal: a.normal.map((sum, n) => sum + b.normal[n]!),
  right: a.right.map((sum, n) => sum + b.right[n]!),
});

function ridge({ normal, right }: Products, shrinkage: number): Float64Array {
  const size = right.length;
  const shrunk = normal.slice();
  for (let a = 0; a < size; a++) shrunk[a * size + a]! += shrinkage;
  return choleskySolve(choleskyFactor(shrunk, size), right);
}

/** (A x)ₐ of a symmetric A that is kept on and below its diagonal. */
function rowTimes(matrix: Float64Array, a: number, x: Float64Array): number {
  const size = x.length;
  let sum = 0;
  for (let b = 0; b < size; b++) sum += matrix[a > b ? a * size + b : b * size + a]! * x[b]!;
  return sum;
}

/**
 * Adds Σ f fᵀ of four voxels, in tiles of 2×2 on and below the diagonal.
 *
 * @param block the first feature of the four, the second, and so on
 * @param size number of features, even
 */
function addProducts(sums: Float64Array, block: Float64Array, size: number): void {
  for (let a = 0; a < size; a += 2) {
    const above = a * size;
    const below = above + size;
    const a0 = block[4 * a]!;
    const a1 = block[4 * a + 1]!;
    const a2 = block[4 * a + 2]!;
    const a3 = block[4 * a + 3]!;
    const b0 = block[4 * a + 4]!;
    const b1 = block[4 * a + 5]!;
    const b2 = block[4 * a + 6]!;
    const b3 = block[4 * a + 7]!;
    for (let b = 0; b <= a; b += 2) {
      const c0 = block[4 * b]!;
      const c1 = block[4 * b + 1]!;
      const c2 = block[4 * b + 2]!;
      const c3 = block[4 * b + 3]!;
      const d0 = block[4 * b + 4]!;
      const d1 = block[4 * b + 5]!;
      const d2 = block[4 * b + 6]!;
      const d3 = block[4 * b + 7]!;
      sums[above + b]! += a0 * c0 + a1 * c1 + a2 * c2 + a3 * c3;
      sums[above + b + 1]! += a0 * d0 + a1 * d1 + a2 * d2 + a3 * d3;
      sums[below + b]! += b0 * c0 + b1 * c1 + b2 * c2 + b3 * c3;
      sums[below + b + 1]! += b0 * d0 + b1 * d1 + b2 * d2 + b3 * d3;
    }
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
