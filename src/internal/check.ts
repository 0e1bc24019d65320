import { GadoliniteError } from "../core/errors.js";
import { type Grid, sameGrid } from "../core/grid.js";
import type { Mask, VoxelArray } from "../core/volume.js";

/** Throws `grid-mismatch` unless all grids are the same. */
export function checkSameGrid(first: Grid, ...others: readonly Grid[]): void {
  for (const other of others) {
    if (sameGrid(first, other)) continue;
    const [a, b] = [first.shape.join("×"), other.shape.join("×")];
    throw new GadoliniteError(
      "grid-mismatch",
      `The grids differ: ${a} voxels and ${b}${a === b ? " elsewhere" : ""}. Resample one volume onto the other's grid.`,
    );
  }
}

/** Throws `out-of-range` unless the value is a number from 0 to 1. */
export function checkFraction(name: string, value: number): void {
  checkWithin(name, value, 0, 1);
}

/** Throws `out-of-range` unless low ≤ value ≤ high. */
export function checkWithin(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high))
    throw new GadoliniteError("out-of-range", `${name} must lie within ${low} and ${high}, but is ${value}.`);
}

/** Throws `out-of-range` unless the value is positive and finite. */
export function checkPositive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity))
    throw new GadoliniteError("out-of-range", `${name} must be positive and finite, but is ${value}.`);
}

/** Throws `out-of-range` unless the value is finite and not negative. */
export function checkNonNegative(name: string, value: number): void {
  if (!(value >= 0 && value < Infinity))
    throw new GadoliniteError("out-of-range", `${name} must be finite and not negative, but is ${value}.`);
}

/** Throws `out-of-range` unless the value is a finite number. */
export function checkFiniteNumber(name: string, value: number): void {
  if (!Number.isFinite(value)) throw new GadoliniteError("out-of-range", `${name} must be a finite number, but is ${value}.`);
}

/** Throws `out-of-range` unless the value is an integer ≥ 0. */
export function checkNonNegativeInteger(name: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 0))
    throw new GadoliniteError("out-of-range", `${name} must be an integer of 0 or more, but is ${value}.`);
}

/** Throws `out-of-range` unless the value is an integer ≥ 1. */
export function checkPositiveInteger(name: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 1))
    throw new GadoliniteError("out-of-range", `${name} must be an integer of 1 or more, but is ${value}.`);
}

/** Throws `out-of-range` unless the value is one of the choices. */
export function checkOneOf<T extends string>(name: string, value: T, choices: readonly T[]): void {
  if (!choices.includes(value))
    throw new GadoliniteError(
      "out-of-range",
      `${name} must be one of ${choices.map((c) => `"${c}"`).join(", ")}, but is "${value}".`,
    );
}

/** Throws `out-of-range` if a voxel is NaN or infinite, naming the first. */
export function checkFiniteVoxels(name: string, data: VoxelArray): void {
  // A sum of finite float32 can't overflow float64, so one sum tells.
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]!;
  if (Number.isFinite(sum)) return;
  const first = data.findIndex((v) => !Number.isFinite(v));
  throw new GadoliniteError("out-of-range", `${name} has voxels that are NaN or infinite, the first at index ${first}.`);
}

/** Throws `grid-mismatch` if the mask lies elsewhere, `empty-mask` if it has no voxel; returns its number of voxels. */
export function checkMask(name: string, mask: Mask, grid: Grid): number {
  checkSameGrid(grid, mask.grid);
  let count = 0;
  for (let i = 0; i < mask.data.length; i++) if (mask.data[i]) count++;
  if (count === 0) throw new GadoliniteError("empty-mask", `${name} has no voxel. Check its labels or threshold.`);
  return count;
}

/** Throws `aborted` if the caller has cancelled. */
export function checkNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new GadoliniteError("aborted", "Cancelled by the caller.", { cause: signal.reason });
}
