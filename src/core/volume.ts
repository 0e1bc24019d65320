import { GadoliniteError } from "./errors.js";
import { type Grid, voxelCount } from "./grid.js";

/** The number types in which voxels are held. */
export type VoxelArray = Float32Array | Int16Array | Uint16Array | Uint8Array;

/** Voxels on a grid; i runs fastest: voxel (i, j, k) is `data[i + ni · (j + nj · k)]`. */
export interface Volume<T extends VoxelArray = Float32Array> {
  readonly grid: Grid;
  readonly data: T;
}

/** A set of voxels: 1 inside, 0 outside. */
export interface Mask {
  readonly grid: Grid;
  readonly data: Uint8Array;
}

/**
 * Puts a typed array of voxels on a grid; the array is kept, not copied.
 *
 * @param data voxels, i fastest, ni·nj·nk of them
 * @throws `out-of-range` if the array's length is not the grid's number of voxels
 * @example
 * const volume = createVolume(new Float32Array(8), createGrid({ shape: [2, 2, 2] }));
 */
export function createVolume<T extends VoxelArray>(data: T, grid: Grid): Volume<T> {
  checkLength(data.length, grid);
  return { grid, data };
}

/**
 * Makes a mask from any array of numbers or booleans: 1 where the value is neither 0, NaN nor false.
 *
 * @throws `out-of-range` if the array's length is not the grid's number of voxels
 */
export function createMask(data: ArrayLike<number | boolean>, grid: Grid): Mask {
  checkLength(data.length, grid);
  const inside = new Uint8Array(data.length);
  for (let i = 0; i < inside.length; i++) inside[i] = data[i] ? 1 : 0;
  return { grid, data: inside };
}

function checkLength(length: number, grid: Grid): void {
  if (length !== voxelCount(grid))
    throw new GadoliniteError(
      "out-of-range",
      `A grid of ${grid.shape.join("×")} voxels needs ${voxelCount(grid)} values, but the array has ${length}.`,
    );
}

/**
 * The voxels that carry one of the given labels, as a mask.
 *
 * @param volume segmentation: one integer label a voxel
 * @param labels the labels that count as inside
 * @returns mask on the volume's grid; may be empty only if `labels` is
 * @throws `empty-mask` if a label occurs nowhere; the message names those that do
 * @example
 * const enhancing = labelMask(segmentation, [3, 4]);
 */
export function labelMask(volume: Volume<VoxelArray>, labels: readonly number[]): Mask {
  const { data, grid } = volume;
  const inside = new Uint8Array(data.length);
  const seen = new Set<number>();
  const wanted = new Set(labels);
  for (let i = 0; i < data.length; i++) {
    const label = data[i]!;
    // Labels come in runs: one set look-up a run, not one a voxel.
    if (i === 0 || label !== data[i - 1]) {
      seen.add(label);
      inside[i] = wanted.has(label) ? 1 : 0;
    } else inside[i] = inside[i - 1]!;
  }
  const missing = labels.filter((label) => !seen.has(label));
  if (missing.length > 0) {
    const present = [...seen].filter((label) => label !== 0).sort((a, b) => a - b);
    const shown = present.slice(0, 20).join(", ") + (present.length > 20 ? ", …" : "");
    throw new GadoliniteError(
      "empty-mask",
      `No voxel carries label ${missing.join(", ")}; the labels there are ${shown || "none"}.`,
    );
  }
  return { grid, data: inside };
}
