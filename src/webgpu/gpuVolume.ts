import { GadoliniteError } from "../core/errors.js";
import { type Grid, voxelCount } from "../core/grid.js";
import type { Mask, Volume } from "../core/volume.js";
import { checkFiniteVoxels, checkSameGrid } from "../internal/check.js";
import type { GpuBuffer, GpuDevice } from "./gpuDevice.js";
import { allocate, read, write } from "./kernel.js";

/** A volume on a GPU: finite float32 voxels, i fastest. It takes memory there until `dispose` gives it back. */
export interface GpuVolume {
  readonly grid: Grid;
  readonly buffer: GpuBuffer;
  readonly device: GpuDevice;
}

/** A mask on a GPU: a byte a voxel, 0 or 1. */
export interface GpuMask {
  readonly grid: Grid;
  readonly buffer: GpuBuffer;
  readonly device: GpuDevice;
  /** Number of voxels inside. */
  readonly count: number;
}

/**
 * Copies a volume to a GPU.
 *
 * @param volume finite voxels: shaders may take it for granted that there is no NaN
 * @throws `out-of-range` if a voxel is NaN or infinite, `unsupported` if the volume is larger than the device's largest buffer
 * @example
 * const [before, after] = [upload(device, pre), upload(device, post)];
 * const difference = await download(subtract(before, after));
 */
export function upload(device: GpuDevice, { grid, data }: Volume): GpuVolume {
  checkFiniteVoxels("The volume", data);
  const volume = emptyVolume(device, grid);
  write(device, volume.buffer, data);
  return volume;
}

/**
 * Copies a mask to a GPU.
 *
 * @throws `empty-mask` if it has no voxel
 */
export function uploadMask(device: GpuDevice, { grid, data }: Mask): GpuMask {
  const bytes = new Uint8Array(data.length);
  let count = 0;
  for (let i = 0; i < data.length; i++) if (data[i]) count += bytes[i] = 1;
  if (count === 0) throw new GadoliniteError("empty-mask", "The mask has no voxel. Check its labels or threshold.");
  const buffer = allocate(device, bytes.length);
  write(device, buffer, bytes);
  return { grid, buffer, device, count };
}

/**
 * Copies a volume from the GPU, once all that makes it is done. The one on the GPU stays.
 *
 * @throws `no-backend` if the device was lost; `unsupported` if its memory didn't suffice, or a kernel before this failed
 */
export async function download({ grid, buffer, device }: GpuVolume): Promise<Volume> {
  return { grid, data: new Float32Array(await read(device, buffer, 4 * voxelCount(grid))) };
}

/** Gives the memory of volumes and masks on a GPU back; they can't be used any more. */
export function dispose(...held: readonly { readonly buffer: GpuBuffer }[]): void {
  for (const { buffer } of held) buffer.destroy();
}

/** A volume of zeros. */
export const emptyVolume = (device: GpuDevice, grid: Grid): GpuVolume => ({
  grid,
  device,
  buffer: allocate(device, 4 * voxelCount(grid)),
});

type Placed = Pick<GpuVolume, "grid" | "device">;

/** Throws unless all lie on one grid (`grid-mismatch`) and one device (`out-of-range`). */
export function checkTogether(first: Placed, ...others: readonly (Placed | undefined)[]): void {
  for (const other of others) {
    if (!other) continue;
    checkSameGrid(first.grid, other.grid);
    if (other.device !== first.device)
      throw new GadoliniteError("out-of-range", "The volumes lie on different GPU devices. Upload all to one.");
  }
}
