import { GadoliniteError } from "./errors.js";

/** Three numbers along the axes i, j, k (or x, y, z in the world). */
export type Vec3 = readonly [number, number, number];

/** Row-major 4×4 matrix, voxel centre (i, j, k, 1) → world, RAS+, millimetres; 16 numbers, last row 0 0 0 1. */
export type Affine = Readonly<Float64Array>;

/** Where voxels are: their number along i, j, k, and the affine that puts their centres into the world. */
export interface Grid {
  readonly shape: Vec3;
  readonly affine: Affine;
}

export interface GridOptions {
  /** Number of voxels along i, j, k: positive integers. */
  readonly shape: Vec3;
  /** Distance of voxel centres along i, j, k in mm; default 1. Not together with `affine`. */
  readonly spacingMm?: Vec3;
  /** Row-major 4×4 (or 3×4) matrix, voxel centre → world RAS+ mm. Default: `spacingMm` on the diagonal, the volume's centre at the origin. */
  readonly affine?: ArrayLike<number>;
}

/**
 * Makes a grid. Without an affine the axes run along R, A, S and the middle of the volume lies at the origin.
 *
 * @throws `out-of-range` if a size is not a positive integer, a spacing not positive, or the affine not invertible
 * @example
 * const grid = createGrid({ shape: [240, 240, 155], spacingMm: [1, 1, 1] });
 */
export function createGrid({ shape, spacingMm, affine }: GridOptions): Grid {
  if (shape.length !== 3 || !shape.every((n) => Number.isSafeInteger(n) && n > 0))
    throw new GadoliniteError("out-of-range", `A grid's shape is three positive integers, not [${shape}].`);
  const [ni, nj, nk] = shape;
  if (!Number.isSafeInteger(ni * nj * nk))
    throw new GadoliniteError("out-of-range", `A grid of [${shape}] voxels is larger than any array.`);
  if (affine && spacingMm)
    throw new GadoliniteError(
      "out-of-range",
      "Give a grid either spacingMm or an affine, not both: the affine holds the spacing.",
    );
  return { shape: [ni, nj, nk], affine: affine ? checkedAffine(affine) : centredAffine(shape, spacingMm ?? [1, 1, 1]) };
}

function centredAffine(shape: Vec3, spacing: Vec3): Affine {
  if (spacing.length !== 3 || !spacing.every((s) => Number.isFinite(s) && s > 0))
    throw new GadoliniteError("out-of-range", `spacingMm is three positive numbers, not [${spacing}].`);
  const matrix = new Float64Array(16);
  for (let axis = 0; axis < 3; axis++) {
    matrix[5 * axis] = spacing[axis]!;
    matrix[4 * axis + 3] = (-spacing[axis]! * (shape[axis]! - 1)) / 2;
  }
  matrix[15] = 1;
  return matrix;
}

function checkedAffine(values: ArrayLike<number>): Affine {
  if (values.length !== 12 && values.length !== 16)
    throw new GadoliniteError("out-of-range", `An affine is 16 (or 12) numbers, row by row, not ${values.length}.`);
  const matrix = new Float64Array(16);
  matrix.set(values);
  if (values.length === 12) matrix[15] = 1;
  const lastRow = [matrix[12], matrix[13], matrix[14], matrix[15]];
  if (lastRow.some((v, i) => v !== (i === 3 ? 1 : 0)))
    throw new GadoliniteError("out-of-range", `The last row of an affine is 0 0 0 1, not ${lastRow.join(" ")}.`);
  const volume = determinant3(matrix);
  if (!matrix.every(Number.isFinite) || volume === 0 || !Number.isFinite(1 / volume))
    throw new GadoliniteError("out-of-range", "The affine must be finite and invertible: its axes span no volume.");
  return matrix;
}

function determinant3(m: Affine): number {
  return (
    m[0]! * (m[5]! * m[10]! - m[6]! * m[9]!) - m[1]! * (m[4]! * m[10]! - m[6]! * m[8]!) + m[2]! * (m[4]! * m[9]! - m[5]! * m[8]!)
  );
}

/**
 * Distance between neighbouring voxel centres along i, j, k in mm: the lengths of the affine's columns.
 *
 * @example
 * spacingMm(createGrid({ shape: [2, 2, 2], spacingMm: [0.5, 1, 2] })); // [0.5, 1, 2]
 */
export function spacingMm({ affine }: Grid): Vec3 {
  const length = (column: number) => Math.hypot(affine[column]!, affine[4 + column]!, affine[8 + column]!);
  return [length(0), length(1), length(2)];
}

/** Number of voxels of a grid, ni·nj·nk. */
export function voxelCount({ shape }: Grid): number {
  return shape[0] * shape[1] * shape[2];
}

export interface SameGridOptions {
  /** How far corresponding voxel centres may lie apart, in mm. Default 0.001: headers store float32. */
  readonly toleranceMm?: number;
}

/**
 * Tells whether two grids put the same number of voxels at the same places: equal shapes, and no voxel centre further than
 * `toleranceMm` from its counterpart. Judged by an upper bound, the differences of the affines' columns at the far ends of the axes added up.
 */
export function sameGrid(a: Grid, b: Grid, { toleranceMm = 1e-3 }: SameGridOptions = {}): boolean {
  if (a === b) return true;
  if (a.shape.some((n, axis) => n !== b.shape[axis])) return false;
  let shift = 0;
  for (let column = 0; column < 4; column++) {
    const d = (row: number) => a.affine[row + column]! - b.affine[row + column]!;
    shift += Math.hypot(d(0), d(4), d(8)) * (column < 3 ? a.shape[column]! - 1 : 1);
  }
  return shift <= toleranceMm;
}
