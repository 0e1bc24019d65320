import type { Volume } from "../core/volume.js";

/** gain · x + offset, voxel by voxel, in a new volume. */
export function linearMap({ grid, data }: Volume, gain: number, offset: number): Volume {
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = gain * data[i]! + offset;
  return { grid, data: out };
}
