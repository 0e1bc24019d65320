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

function copyRows<T extends VoxelArray>(data: T, out: T, size: Vec3, step: readonly number[], origin: number): void {
  const [ni, nj, nk] = size;
  for (let k = 0, o = 0; k < nk; k++)
    for (let j = 0; j < nj; j++, o += ni) {
      const first = origin + j * step[1]! + k * step[2]!;
      if (step[0] === 1) out.set(data.subarray(first, first + ni), o);
      else for (let i = 0; i < ni; i++) out[o + i] = data[first - i]!;
    }
}

function copyTiles<T extends VoxelArray>(
  data: T,
  out: T,
  size: Vec3,
  step: readonly number[],
  origin: number,
  along: number,
): void {
  const across = 3 - along;
  const outStride = [1, size[0], size[0] * size[1]];
  const [inI, inA, inB] = [step[0]!, step[along]!, step[across]!];
  const [outA, outB] = [outStride[along]!, outStride[across]!];
  for (let b = 0; b < size[across]!; b++)
    for (let a0 = 0; a0 < size[along]!; a0 += TILE)
      for (let i0 = 0; i0 < size[0]; i0 += TILE) {
        const [aEnd, iEnd] = [Math.min(a0 + TILE, size[along]!), Math.min(i0 + TILE, size[0])];
        for (let a = a0; a < aEnd; a++) {
          const to = a * outA + b * outB;
          const from = origin + a * inA + b * inB;
          for (let i = i0; i < iEnd; i++) out[to + i] = data[from + i * inI]!;
        }
      }
}
