import { createGrid, createVolume, type Vec3, type Volume } from "../../src/index.js";
import { createRandom } from "../../src/internal/random.js";
import { eachVoxel } from "../support/oracles.js";

export interface HeadOptions {
  readonly shape?: Vec3;
  readonly seed?: number;
  readonly background?: (random: () => number) => number;
  readonly tissue?: number;
  readonly spread?: number;
  /** Added within a ball around the centre. */
  readonly enhancement?: number;
}

/** A ball of tissue (normal intensities) in a background, with an enhancing ball in the middle. */
export function head(options: HeadOptions = {}): Volume {
  const { shape = [36, 36, 36], seed = 1, background = () => 0, tissue = 100, spread = 12, enhancement = 0 } = options;
  const random = createRandom(seed);
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  eachVoxel(shape, (i, j, k, index) => {
    const r = Math.hypot(...[i, j, k].map((v, axis) => (2 * v) / (shape[axis]! - 1) - 1));
    const noise = random.normal();
    data[index] = r < 0.95 ? tissue + spread * noise + (r < 0.3 ? enhancement : 0) : background(() => random.normal());
  });
  return createVolume(data, createGrid({ shape }));
}

export const mapVoxels = ({ grid, data }: Volume, f: (v: number, i: number) => number): Volume => createVolume(data.map(f), grid);

/** The volume in the middle of a larger one filled with a value. */
export function padded({ grid, data }: Volume, margin: number, value: number): Volume {
  const [ni, nj, nk] = grid.shape;
  const shape: Vec3 = [ni + 2 * margin, nj + 2 * margin, nk + 2 * margin];
  const out = new Float32Array(shape[0] * shape[1] * shape[2]).fill(value);
  eachVoxel(grid.shape, (i, j, k, index) => {
    out[i + margin + shape[0] * (j + margin + shape[1] * (k + margin))] = data[index]!;
  });
  return createVolume(out, createGrid({ shape }));
}
