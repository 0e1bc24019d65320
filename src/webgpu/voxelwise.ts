import { voxelCount } from "../core/grid.js";
import { checkTogether, emptyVolume, type GpuMask, type GpuVolume } from "./gpuVolume.js";
import { ALIGNMENT, type Binding, dispatch, type Kernel } from "./kernel.js";

/** A part of the voxels of a volume: `count` of them from number `start`. */
export interface Chunk {
  readonly start: number;
  readonly count: number;
}

/** The voxels in parts that a kernel can see at a time; each begins where a binding may, also one of bytes. */
export function chunksOf({ grid, device }: Pick<GpuVolume, "grid" | "device">): readonly Chunk[] {
  const total = voxelCount(grid);
  const most = Math.floor(device.limits.maxStorageBufferBindingSize / (4 * ALIGNMENT)) * ALIGNMENT;
  return Array.from({ length: Math.ceil(total / most) }, (_, n) => {
    const start = n * most;
    return { start, count: Math.min(most, total - start) };
  });
}

/** Binding of a chunk of a volume, or of a mask, whose words hold four voxels. */
export const bindVoxels = ({ buffer }: GpuVolume, { start, count }: Chunk): Binding => ({
  buffer,
  offset: 4 * start,
  size: 4 * count,
});

export const bindMask = ({ buffer }: GpuMask, { start, count }: Chunk): Binding => ({
  buffer,
  offset: start,
  size: 4 * Math.ceil(count / 4),
});

/** WGSL that tells whether voxel n is inside the array `mask`. */
export const INSIDE = "fn inside(n: u32) -> bool { return ((mask[n / 4u] >> (8u * (n % 4u))) & 255u) != 0u; }";

/**
 * A kernel that gives each voxel the value of a WGSL expression of the same voxel of other volumes, which goes by their names, and of params.
 */
export const voxelwise = (
  name: string,
  inputs: readonly string[],
  expression: string,
  extra: Pick<Kernel, "params" | "declarations"> = {},
): Kernel => ({
  name,
  reads: Object.fromEntries(inputs.map((input) => [`${input}s`, "f32"])),
  writes: { result: "f32" },
  body: `${inputs.map((input) => `let ${input} = ${input}s[n];`).join(" ")} result[n] = ${expression};`,
  ...extra,
});

/** Runs a {@link voxelwise} kernel over volumes of one grid, into a new one. */
export function mapVoxels(
  kernel: Kernel,
  volumes: readonly GpuVolume[],
  params: Readonly<Record<string, number>> = {},
): GpuVolume {
  const [first, ...others] = volumes as [GpuVolume, ...GpuVolume[]];
  checkTogether(first, ...others);
  const result = emptyVolume(first.device, first.grid);
  for (const chunk of chunksOf(first)) {
    const bindings = [...volumes, result].map((volume) => bindVoxels(volume, chunk));
    dispatch(first.device, kernel, { threads: chunk.count, params, bindings });
  }
  return result;
}
