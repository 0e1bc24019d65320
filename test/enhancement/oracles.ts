import { createGrid, createMask, createVolume, type Mask, type Vec3, type Volume } from "../../src/index.js";
import { fillNormal } from "../../src/internal/random.js";

/** White noise N(mean, sd²). */
export function noise(shape: Vec3, { seed = 1, sd = 1, mean = 0 } = {}): Volume {
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  fillNormal(data, seed);
  return createVolume(
    data.map((n) => mean + sd * n),
    createGrid({ shape }),
  );
}

export const everywhere = ({ grid, data }: Volume): Mask => createMask(new Uint8Array(data.length).fill(1), grid);

export const mapVoxels = ({ grid, data }: Volume, f: (v: number, i: number) => number): Volume => createVolume(data.map(f), grid);

/** Root mean square of the voxels that a test accepts. */
export function rootMeanSquare({ data }: Volume, accept: (v: number, i: number) => boolean = () => true): number {
  const chosen = data.filter(accept);
  return Math.sqrt(chosen.reduce((sum, v) => sum + v * v, 0) / chosen.length);
}
