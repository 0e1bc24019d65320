import type { Affine, Grid, Vec3 } from "../core/grid.js";
import type { Volume, VoxelArray } from "../core/volume.js";
import { voxelsLike } from "./voxels.js";

/** Where an axis of a new grid comes from: an axis of the old one, in the same direction or turned round. */
export interface AxisSource {
  readonly axis: number;
  readonly reversed: boolean;
}

/** Permutes and reverses the axes of a volume; the affine follows, so that every voxel stays where it is in the world. */
export function rearrange<T extends VoxelArray>({ data, grid }: Volume<T>, sources: readonly AxisSource[]): Volume<T> {
  return { grid: rearrangeGrid(grid, sources), data: rearrangeVoxels(data, grid.shape, sources) };
}

function rearrangeGrid({ shape, affine }: Grid, sources: readonly AxisSource[]): Grid {
  const moved = Float64Array.from(affine);
  sources.forEach(({ axis, reversed }, target) => {
    for (let row = 0; row < 12; row += 4) {
      const step = affine[row + axis]!;
      moved[row + target] = reversed ? 0 - step : step;
      if (reversed) moved[row + 3]! += step * (shape[axis]! - 1);
    }
  });
  return { shape: pickAxes(shape, sources), affine: moved as Affine };
}

const pickAxes = (values: Vec3, sources: readonly AxisSource[]) => sources.map(({ axis }) => values[axis]!) as unknown as Vec3;

// A tile of this many voxels square stays in the cache while one side of it is read and the other written across the rows.
const TILE = 32;

/** The voxels of {@link rearrange}. */
export function rearrangeVoxels<T extends VoxelArray>(data: T, shape: Vec3, sources: readonly AxisSource[]): T {
  const out = voxelsLike(data, data.length, 0);
  const size = pickAxes(shape, sources);
  const strides: Vec3 = [1, shape[0], shape[0] * shape[1]];
  let origin = 0;
  const step = sources.map(({ axis, reversed }) => {
    if (reversed) origin += strides[axis]! * (shape[axis]! - 1);
    return reversed ? -strides[axis]! : strides[axis]!;
  });
  // The new axis along which the old voxels lie side by side, and the one that is neither that nor the new i.
  const along = sources.findIndex(({ axis }) => axis === 0);
  if (along === 0) copyRows(data, out, size, step, origin);
  else copyTiles(data, out, size, step, origin, along);
  return out;
}

function copyRows(data: VoxelArray, out: VoxelArray, size: Vec3, step: readonly number[], origin: number): void {
  const [ni, nj, nk] = size;
  const reversed = step[0]! < 0;
  const low = reversed ? origin - (ni - 1) : origin;
  for (let k = 0, o = 0; k < nk; k++)
    for (let j = 0; j < nj; j++, o += ni) {
      const first = low + j * step[1]! + k * step[2]!;
      out.set(data.subarray(first, first + ni), o);
      if (reversed) out.subarray(o, o + ni).reverse();
    }
}

function copyTiles(data: VoxelArray, out: VoxelArray, size: Vec3, step: readonly number[], origin: number, along: number): void {
  const across = 3 - along;
  const stride = [1, size[0], size[0] * size[1]];
  for (let b = 0; b < size[across]!; b++)
    for (let a = 0; a < size[along]!; a += TILE)
      for (let i = 0; i < size[0]; i += TILE) {
        const width = Math.min(TILE, size[0] - i);
        const rows = Math.min(TILE, size[along]! - a);
        const from = origin + i * step[0]! + a * step[along]! + b * step[across]!;
        const to = i + a * stride[along]! + b * stride[across]!;
        copyTile(data, from, step[0]!, step[along]!, out, to, stride[along]!, width, rows);
      }
}

function copyTile(
  data: VoxelArray,
  from: number,
  step: number,
  line: number,
  out: VoxelArray,
  to: number,
  stride: number,
  width: number,
  rows: number,
): void {
  for (let row = 0; row < rows; row++) {
    const o = to + row * stride;
    for (let i = 0, v = from + row * line; i < width; i++, v += step) out[o + i] = data[v]!;
  }
}
