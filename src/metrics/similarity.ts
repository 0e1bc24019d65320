import type { Box } from "../core/boundingBox.js";
import type { Vec3 } from "../core/grid.js";

/** The numbers of SSIM that are the same for every voxel. */
export interface SimilarityConstants {
  readonly c1: number;
  readonly c2: number;
  /** Factor of the variances: n/(n − 1) or 1. */
  readonly covarianceFactor: number;
  /** Whether the luminance factor takes part. */
  readonly luminance: boolean;
}

/** Receives one row of the SSIM map within the box. The array is used again for the next row. */
export type RowVisitor = (j: number, k: number, row: Float64Array) => void;

/** SSIM from the windowed means of x, y, x² + y² and xy (Wang et al. 2004, eq. 13). */
export function similarity(mx: number, my: number, squares: number, products: number, constants: SimilarityConstants): number {
  const { c1, c2, covarianceFactor, luminance } = constants;
  const product = mx * my;
  const square = mx * mx + my * my;
  const structure = (2 * covarianceFactor * (products - product) + c2) / (covarianceFactor * (squares - square) + c2);
  return luminance ? (structure * (2 * product + c1)) / (square + c1) : structure;
}

/** Mirrors an index into 0 … n − 1, border voxel included (scipy.ndimage's `reflect`); it lies at most n beyond. */
export const mirrored = (i: number, n: number): number => (i < 0 ? -1 - i : i >= n ? 2 * n - 1 - i : i);

/** Where the rows of a box, widened by the window's radius, come from. */
export interface Reach {
  /** For each row of the widened box: the row of the volume that it is (mirrored at the border). */
  readonly rows: Int32Array;
  /** The part of a widened row that lies inside the volume: `count` voxels from i = `start`, put at `offset`. */
  readonly start: number;
  readonly count: number;
  readonly offset: number;
  /** Length of a widened row. */
  readonly width: number;
}

export function reachOf([ni, nj]: Vec3, { start, shape }: Box, r: number): Reach {
  const low = Math.max(0, start[0] - r);
  return {
    rows: Int32Array.from({ length: shape[1] + 2 * r }, (_, j) => mirrored(start[1] + j - r, nj)),
    start: low,
    count: Math.min(ni, start[0] + shape[0] + r) - low,
    offset: low - (start[0] - r),
    width: shape[0] + 2 * r,
  };
}

/** Mirrors a widened row, which begins at `first`, where the volume ends. */
export function mirrorEnds(data: Float64Array, first: number, { offset, count, width }: Reach): void {
  const begin = first + offset;
  const end = begin + count;
  for (let i = 0; i < offset; i++) data[begin - 1 - i] = data[begin + i]!;
  for (let i = 0; i < width - offset - count; i++) data[end + i] = data[end - 1 - i]!;
}
