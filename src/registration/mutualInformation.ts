import { type Affine, createGrid, type Grid, type Vec3, voxelCount } from "../core/grid.js";
import type { Mask, Volume } from "../core/volume.js";
import { percentiles } from "../filters/percentile.js";
import { resample } from "../geometry/resample.js";
import { resampleLabels } from "../geometry/resampleLabels.js";
import { checkFiniteVoxels, checkMask } from "../internal/check.js";

export interface MutualInformationOptions {
  /** Row-major 4×4, world (mm, RAS+) of `fixed` → world of `moving`. Default: identity. */
  readonly transform?: Affine;
  /** Where to look, on the fixed grid. Default: everywhere. */
  readonly mask?: Mask;
}

const BINS = 32;
// Enough for 32 × 32 bins: the bias of the estimate, 31²/2N, is then 0.004.
const SAMPLES = 120_000;

/**
 * How much the voxels of one volume tell about those of the other, in nats.
 *
 *     I = Σ p(a, b)·ln( p(a, b) / (p(a)·p(b)) )
 *
 * p is the joint histogram of 32 × 32 bins, each volume's range from its 0.5th to its 99.5th percentile, beyond which values go into the
 * last bin. The moving volume is interpolated linearly; places that it doesn't reach are left out; of large volumes every n-th voxel along
 * each axis counts.
 *
 * @returns 0 if the volumes have nothing to do with each other, up to ln 32 = 3.47; NaN if no voxel of one lies within the other
 * @throws `out-of-range` if a voxel is NaN or infinite, `grid-mismatch` or `empty-mask` for the mask
 * @see Mattes et al. 2003, IEEE Trans Med Imaging 22:120-128
 * @example
 * const aligned = mutualInformation(pre, post, { transform });
 */
export function mutualInformation(fixed: Volume, moving: Volume, { transform, mask }: MutualInformationOptions = {}): number {
  checkFiniteVoxels("The fixed volume", fixed.data);
  checkFiniteVoxels("The moving volume", moving.data);
  const inside = mask ? checkMask("The mask", mask, fixed.grid) : voxelCount(fixed.grid);
  const grid = thinned(fixed.grid, inside);
  const a = resample(fixed, grid, { interpolation: "nearest" });
  const b = resample(moving, grid, { interpolation: "linear", outside: Number.NaN, ...(transform && { transform }) });
  const within = mask && resampleLabels(mask, grid);
  const [binOfA, binOfB] = [binning(fixed), binning(moving)];
  const joint = new Float64Array(BINS * BINS);
  for (let v = 0; v < a.data.length; v++) {
    const other = b.data[v]!;
    if (!Number.isNaN(other) && (!within || within.data[v])) joint[BINS * binOfA(a.data[v]!) + binOfB(other)]!++;
  }
  return informationOf(joint);
}

/** Every n-th voxel along each axis, so that about SAMPLES of `count` remain; thick slices are kept. */
function thinned(grid: Grid, count: number): Grid {
  const step = [1, 1, 1];
  while (count / (step[0]! * step[1]! * step[2]!) > 2 * SAMPLES) {
    const left = grid.shape.map((n, axis) => n / step[axis]!);
    step[left.indexOf(Math.max(...left))]!++;
  }
  const affine = Float64Array.from(grid.affine, (v, at) => (at % 4 < 3 && at < 12 ? v * step[at % 4]! : v));
  return createGrid({ shape: grid.shape.map((n, axis) => Math.ceil(n / step[axis]!)) as unknown as Vec3, affine });
}

function binning(volume: Volume): (value: number) => number {
  const [low, high] = percentiles(volume, [0.5, 99.5]) as [number, number];
  const scale = high > low ? BINS / (high - low) : 0;
  return (value) => Math.max(0, Math.min(BINS - 1, Math.floor((value - low) * scale)));
}

function informationOf(joint: Float64Array): number {
  const total = joint.reduce((sum, n) => sum + n, 0);
  const [rows, columns] = [new Float64Array(BINS), new Float64Array(BINS)];
  for (let at = 0; at < joint.length; at++) {
    rows[Math.floor(at / BINS)]! += joint[at]!;
    columns[at % BINS]! += joint[at]!;
  }
  let sum = total > 0 ? 0 : Number.NaN;
  for (let at = 0; at < joint.length; at++) {
    const n = joint[at]!;
    if (n > 0) sum += (n / total) * Math.log((n * total) / (rows[Math.floor(at / BINS)]! * columns[at % BINS]!));
  }
  return sum;
}
