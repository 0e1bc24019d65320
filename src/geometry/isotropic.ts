import { createGrid, type Grid, spacingMm as spacingOf, type Vec3 } from "../core/grid.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { checkPositive, checkPositiveInteger } from "../internal/check.js";
import { type ResampleOptions, resample } from "./resample.js";

export interface IsotropicGridOptions {
  /** Distance of voxel centres along every axis in mm; Pinetz et al. take 0.5. */
  readonly spacingMm: number;
  /** The number of voxels along every axis is a multiple of this. Default 1; a U-Net of 3 halvings needs 8. */
  readonly divisibleBy?: number;
}

/**
 * A grid of cubic voxels in place of another: same directions, same middle, and as many voxels as cover the old box,
 *
 *     n' = ⌈n · spacing / spacing'⌉, then up to a multiple of `divisibleBy`
 *
 * so what it has too much is shared between both ends of each axis. A surplus of less than a thousandth of a voxel, which
 * the float32 of headers makes, asks for no further voxel.
 *
 * @throws `out-of-range` if the spacing is not positive or the divisor not a positive integer
 * @see Pinetz et al. 2024, code beside the paper: 0.5 mm, B-spline of order 3, sizes of a multiple of 8
 * @example
 * isotropicGrid(volume.grid, { spacingMm: 0.5, divisibleBy: 8 });
 */
export function isotropicGrid(grid: Grid, { spacingMm, divisibleBy = 1 }: IsotropicGridOptions): Grid {
  checkPositive("spacingMm", spacingMm);
  checkPositiveInteger("divisibleBy", divisibleBy);
  const old = spacingOf(grid);
  const shape = grid.shape.map((n, axis) => {
    const needed = Math.max(1, Math.ceil((n * old[axis]!) / spacingMm - 1e-3));
    return Math.ceil(needed / divisibleBy) * divisibleBy;
  }) as unknown as Vec3;
  const affine = Float64Array.from(grid.affine);
  for (let row = 0; row < 12; row += 4)
    for (let axis = 0; axis < 3; axis++) {
      const step = (grid.affine[row + axis]! / old[axis]!) * spacingMm;
      affine[row + axis] = step;
      affine[row + 3]! += (grid.affine[row + axis]! * (grid.shape[axis]! - 1) - step * (shape[axis]! - 1)) / 2;
    }
  return createGrid({ shape, affine });
}

export interface IsotropicOptions extends IsotropicGridOptions, Omit<ResampleOptions, "interpolation" | "transform"> {
  /** How values between voxel centres are made. Default `"cubic"`, as Pinetz et al. do. */
  readonly interpolation?: ResampleOptions["interpolation"];
}

/**
 * The volume on cubic voxels, {@link resample} onto its {@link isotropicGrid}. For labels, `resampleLabels` onto that grid.
 *
 * @param volume any voxel type, finite if `cubic`
 * @returns new float32 volume; back on the old grid by `resample(result, volume.grid, …)`
 * @throws `out-of-range` as `isotropicGrid` and `resample`
 * @see Pinetz et al. 2024, code beside the paper: `{ spacingMm: 0.5, divisibleBy: 8, clamp: true }`
 * @example
 * const fine = isotropic(volume, { spacingMm: 0.5, divisibleBy: 8, clamp: true });
 */
export function isotropic(
  volume: Volume<VoxelArray>,
  { spacingMm, divisibleBy, interpolation = "cubic", outside, clamp }: IsotropicOptions,
): Volume {
  return resample(volume, isotropicGrid(volume.grid, { spacingMm, divisibleBy }), { interpolation, outside, clamp });
}
