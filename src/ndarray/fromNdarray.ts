import ndarray, { type NdArray } from "ndarray";
import ops from "ndarray-ops";
import { GadoliniteError } from "../core/errors.js";
import { createGrid, type Grid } from "../core/grid.js";
import type { Volume } from "../core/volume.js";

/**
 * A float32 volume with the values of an ndarray of any stride, offset, order and number type: always a copy, element
 * (i, j, k) becomes voxel (i, j, k).
 *
 * @param array three dimensions; values beyond float32's range become infinite
 * @param grid  where the voxels are; default 1 mm along R, A, S, the middle at the origin
 * @throws `out-of-range` if the array has not three dimensions, or its shape is not the grid's; `unsupported` if it holds no numbers (but bigints, say)
 * @see https://github.com/scijs/ndarray, https://github.com/scijs/ndarray-ops (`assign`)
 * @example
 * // NumPy's order: k slowest, i fastest, shape [nk, nj, ni].
 * const volume = fromNdarray(ndarray(values, [155, 240, 240]).transpose(2, 1, 0), grid);
 */
export function fromNdarray(array: NdArray, grid?: Grid): Volume {
  const { shape } = array;
  if (array.dimension !== 3)
    throw new GadoliniteError("out-of-range", `A volume has three dimensions, but the ndarray has shape [${shape}].`);
  if (grid && shape.some((n, axis) => n !== grid.shape[axis]))
    throw new GadoliniteError(
      "out-of-range",
      `The ndarray's shape [${shape}] is not the grid's [${grid.shape}]; of an array in C order (k first) give transpose(2, 1, 0).`,
    );
  const [ni, nj, nk] = shape as [number, number, number];
  const onGrid = grid ?? createGrid({ shape: [ni, nj, nk] });
  const type = typeof array.get(0, 0, 0);
  if (type !== "number")
    throw new GadoliniteError("unsupported", `Voxels are numbers, but the ndarray holds ${type}s. Convert them first.`);
  const data = new Float32Array(ni * nj * nk);
  ops.assign(ndarray(data, [ni, nj, nk], [1, ni, ni * nj]), array);
  return { grid: onGrid, data };
}
