import type { Volume } from "../core/volume.js";
import { noiseLevel } from "../enhancement/noiseLevel.js";
import { subtract } from "../enhancement/subtract.js";
import { gaussian } from "../filters/gaussian.js";
import { breathe } from "../internal/breathe.js";
import { checkNonNegative } from "../internal/check.js";
import { choleskyFactor, choleskySolve } from "../internal/cholesky.js";
import type { LowDoseScan, Restorer } from "./restorer.js";

export interface SureRefinedOptions {
  /**
   * Standard deviation of the noise of low − pre. Default: `noiseLevel`, `"highpass-mad"`, over the brain where the restorer finds nothing that enhances.
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
/** Voxels from which a filter is fitted, at most; and the fewest, below which the signal stays as it is. */
const MOST_SAMPLES = 40_000;
const FEWEST_SAMPLES = 1000;

/**
 * A restorer fitted to each scan that it meets: ŝ + w ∗ y, where ŝ is the signal of the restorer within, y = (low − pre)/d the linear extrapolation and w a
 * point-symmetric filter of 5×5×5 voxels, one for each of seven levels of the smoothed ŝ. A network learns what scans have in common; how rough this one's
 * lesions are, and how thick its slices, the scan tells itself.
 *
 * The filters minimise Stein's unbiased estimate of the squared error in the brain, which needs the noise σ alone, and not the standard dose:
 *
 *     Σ (ŝ + w∗y − y)² + 2 σ² N w₀ + (σ/τ)² ‖w‖²,      σ = √(1 − d²) · σ_noise / d,  τ = 0.01
 *
 * with N voxels, w₀ the filter's middle, ‖w‖² the sum of squares of its 63 coefficients (one for the mean of two opposite voxels), and white noise. How ŝ follows the noise isn't asked for, since w doesn't change it. The factor √(1 − d²) leaves
 * the standard dose its own noise, of which the low dose holds the share d, as the networks of `noiseUnitsCard` learn it. What has fewer than 1000
 * voxels, lies outside the brain, or doesn't differ between the scans, stays as it is, as does everything where there is no noise (σ = 0) or d = 1.
 *
 * @param restorer any; keeps its name
 * @returns a restorer whose `signal` throws what the restorer's own and {@link noiseLevel} throw, and `out-of-range` for a negative `sigma`
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
      const level = gaussian(first, { sigmaVoxels: LEVEL_SIGMA_VOXELS });
      const noise = given ?? quietNoise(difference, level, scan);
      const sigma = (Math.sqrt(1 - scan.dose * scan.dose) * noise) / scan.dose;
      if (!(sigma > 0)) return first;
      const signal = Float32Array.from(first.data);
      const y = padded(difference, 1 / scan.dose);
      for (const voxels of byLevel(level, difference, scan)) {
        await breathe(task.signal);
        if (voxels.length >= FEWEST_SAMPLES) addFiltered(signal, y, voxels, fittedFilter(first.data, y, voxels, sigma));
      }
      return { grid: first.grid, data: signal };
    },
  };
}

/** The noise of low − pre where nothing enhances, as elsewhere fine enhancement passes for noise; of the whole brain if there is no such place. */
function quietNoise(difference: Volume, level: Volume, { brain }: LowDoseScan): number {
  const quiet = brain.data.map((inside, v) => (inside && Math.abs(level.data[v]!) < LEVELS[0]! ? 1 : 0));
  const enough = quiet.reduce((count, v) => count + v, 0) >= FEWEST_SAMPLES;
  return noiseLevel(difference, { brain: enough ? { grid: brain.grid, data: quiet } : brain, estimator: "highpass-mad" });
}

/** The brain's voxels at each level, but those that are the same in both scans: a stripped ground has no noise. */
function byLevel({ data: level }: Volume, { data: difference }: Volume, { brain }: LowDoseScan): readonly Uint32Array[] {
  const levelOf = new Int8Array(level.length).fill(-1);
  const counts = new Array<number>(LEVELS.length + 1).fill(0);
  for (let v = 0; v < level.length; v++) {
    if (!brain.data[v] || difference[v] === 0) continue;
    let n = 0;
    while (n < LEVELS.length && level[v]! >= LEVELS[n]!) n++;
    levelOf[v] = n;
    counts[n]!++;
  }
  const voxels = counts.map((count) => new Uint32Array(count));
  counts.fill(0);
  for (let v = 0; v < level.length; v++) {
    const n = levelOf[v]!;
    if (n >= 0) voxels[n]![counts[n]!++] = v;
  }
  return voxels;
}

/** A volume with its last voxels repeated beyond its ends, so that every voxel has all of its neighbours at the same distances in memory. */
interface Padded {
  readonly data: Float32Array;
  /** Where a voxel of the volume lies. */
  place(voxel: number): number;
  /** Distances to half of the neighbours; the other half are opposite. */
  readonly pairs: Int32Array;
}

function padded({ grid: { shape }, data: from }: Volume, scale: number): Padded {
  const [ni, nj, nk] = shape;
  const [mi, mj, mk] = [ni + 2 * RADIUS, nj + 2 * RADIUS, nk + 2 * RADIUS];
  const data = new Float32Array(mi * mj * mk);
  const within = (index: number, n: number) => Math.max(0, Math.min(n - 1, index - RADIUS));
  for (let k = 0, to = 0; k < mk; k++)
    for (let j = 0; j < mj; j++) {
      const row = ni * (within(j, nj) + nj * within(k, nk));
      for (let i = 0; i < mi; i++) data[to++] = from[row + within(i, ni)]! * scale;
    }
  const pairs: number[] = [];
  for (let k = -RADIUS; k <= RADIUS; k++)
    for (let j = -RADIUS; j <= RADIUS; j++) for (let i = -RADIUS; i <= RADIUS; i++) pairs.push(i + mi * (j + mj * k));
  return {
    data,
    place(voxel) {
      const i = voxel % ni;
      const row = (voxel - i) / ni;
      const j = row % nj;
      return i + RADIUS + mi * (j + RADIUS + mj * ((row - j) / nj + RADIUS));
    },
    pairs: Int32Array.from(pairs.slice((pairs.length + 1) / 2)),
  };
}

/** Voxels whose features are read before they are multiplied: the sums then go through memory that many times less. */
const AT_ONCE = 4;

/** The coefficients of the pairs, and of the middle last. */
function fittedFilter(first: Volume["data"], y: Padded, voxels: Uint32Array, sigma: number): Float64Array {
  const size = y.pairs.length + 1;
  const normal = new Float64Array(size * size);
  const right = new Float64Array(size);
  const features = new Float64Array(AT_ONCE * size);
  const rest = new Float64Array(AT_ONCE);
  const stride = Math.ceil(voxels.length / MOST_SAMPLES);
  const samples = Math.ceil(voxels.length / stride);
  for (let n = 0; n < samples; n += AT_ONCE) {
    for (let m = 0; m < AT_ONCE; m++) {
      const voxel = voxels[(n + m) * stride];
      // Beyond the last one there are zeros, which add nothing.
      if (voxel === undefined) features.fill(0, m * size, (m + 1) * size);
      else rest[m] = readFeatures(features, m * size, y, y.place(voxel)) - first[voxel]!;
    }
    addProducts(normal, right, features, rest);
  }
  // Stein's term: of the voxels that the filter sees only the middle one has the noise that the rest has.
  right[size - 1]! -= sigma * sigma * samples;
  for (let a = 0; a < size; a++) normal[a * size + a]! += (sigma / COEFFICIENT_SD) ** 2;
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
  const { data, pairs } = y;
  for (const voxel of voxels) {
    const at = y.place(voxel);
    let sum = 0;
    for (let n = 0; n < pairs.length; n++) sum += filter[n]! * (data[at + pairs[n]!]! + data[at - pairs[n]!]!);
    signal[voxel]! += sum / 2 + filter[pairs.length]! * data[at]!;
  }
}
