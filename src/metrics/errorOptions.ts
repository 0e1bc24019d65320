import { voxelCount } from "../core/grid.js";
import type { Mask, Volume } from "../core/volume.js";
import { checkFiniteVoxels, checkMask, checkSameGrid } from "../internal/check.js";

export interface ErrorOptions {
  /** Voxels that count; default all of them. */
  readonly mask?: Mask;
}

/** Checks the grids; number of voxels that count. */
export function regionCount(reference: Volume, test: Volume, mask: Mask | undefined): number {
  checkSameGrid(reference.grid, test.grid);
  return mask ? checkMask("mask", mask, reference.grid) : voxelCount(reference.grid);
}

/** A sum over finite float32 voxels is finite; if this one isn't, the voxel at fault is named. */
export function finiteSum(sum: number, reference: Volume, test: Volume): number {
  if (!Number.isFinite(sum)) {
    checkFiniteVoxels("The reference", reference.data);
    checkFiniteVoxels("The test volume", test.data);
  }
  return sum;
}
