import { GadoliniteError } from "../core/errors.js";
import { checkFiniteVoxels } from "../internal/check.js";

/** Throws `out-of-range` if a masked voxel (any voxel, without a mask) is NaN or infinite. */
export function checkFiniteInside(name: string, data: Float32Array, inside?: Uint8Array): void {
  if (!inside) {
    checkFiniteVoxels(name, data);
    return;
  }
  let sum = 0;
  for (let i = 0; i < data.length; i++) if (inside[i]) sum += data[i]!;
  if (Number.isFinite(sum)) return;
  const first = data.findIndex((v, i) => inside[i] !== 0 && !Number.isFinite(v));
  throw new GadoliniteError(
    "out-of-range",
    `${name} has voxels inside the mask that are NaN or infinite (the first at index ${first}). Replace them, or take them out of the mask, first.`,
  );
}

/** The voxels inside a mask, in memory order; `count` is their number. */
export function valuesInside(data: Float32Array, inside: Uint8Array, count: number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0, n = 0; i < data.length; i++) if (inside[i]) values[n++] = data[i]!;
  return values;
}
