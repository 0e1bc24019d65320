import type { Vec3 } from "../../core/grid.js";
import {
  type AxisOperator,
  applyOperators,
  bandKernel,
  convolutionOperator,
  gaussianKernel,
  sliceOperator,
} from "./axisOperator.js";
import type { Draws } from "./draws.js";

/** How one scan blurs what it sees and what its noise looks like, along i, j, k. */
export interface Scanner {
  readonly blur: readonly (AxisOperator | undefined)[];
  /** Correlates white noise as the scan's reconstruction and interpolation would. */
  readonly noise: readonly (AxisOperator | undefined)[];
}

/** Narrower Gaussians change nothing worth their time. */
const SHARP = 0.32;

/** A scanner of random resolution, slice thickness and interpolation, its image moved by `shift` voxels. */
export function createScanner(draws: Draws, shape: Vec3, shift: Vec3): Scanner {
  const slices = draws.chance(0.25) ? draws.between(0, 2) : -1;
  const same = draws.chance(0.5) ? draws.uniform(0.15, 0.6) : undefined;
  const white = draws.chance(0.15);
  const blur: (AxisOperator | undefined)[] = [];
  const noise: (AxisOperator | undefined)[] = [];
  shape.forEach((n, axis) => {
    if (axis === slices) {
      const distance = draws.uniform(1.5, 6);
      const phase = draws.uniform(0, distance);
      blur.push(sliceOperator(n, { distance, phase, thickness: draws.uniform(0.5, 1) }));
      noise.push(sliceOperator(n, { distance, phase, thickness: 0 }));
    } else if (draws.chance(0.2)) {
      const band = draws.uniform(0.6, 1);
      blur.push(convolutionOperator(n, bandKernel(band), 4, shift[axis]));
      noise.push(white ? undefined : convolutionOperator(n, bandKernel(band), 4));
    } else {
      const width = same ?? draws.uniform(0.1, 0.6);
      const noiseWidth = draws.uniform(0.1, 1.2);
      const sharp = width < SHARP && shift[axis] === 0;
      blur.push(sharp ? undefined : convolutionOperator(n, gaussianKernel(width), Math.ceil(3 * width), shift[axis]));
      const even = white || noiseWidth < SHARP;
      noise.push(even ? undefined : convolutionOperator(n, gaussianKernel(noiseWidth), Math.ceil(3 * noiseWidth)));
    }
  });
  return { blur, noise };
}

/** Rms above the high-pass level that correlated noise is allowed, as a multiple: interpolation makes noise smooth, but not without end. */
const SMOOTHEST = 1.8;

/**
 * Noise of a scanner whose high-pass level (see `highPassLevel`) is 1, unless it is so smooth that its standard deviation would be beyond
 * 1.8: then that is its standard deviation.
 */
export function scannerNoise(draws: Draws, shape: Vec3, { noise }: Scanner): Float32Array {
  const out = applyOperators(draws.normals(shape[0] * shape[1] * shape[2]), shape, noise);
  let sum = 0;
  for (let v = 0; v < out.length; v++) sum += out[v]! * out[v]!;
  const factor = Math.min(1 / highPassLevel(out, shape), SMOOTHEST / Math.sqrt(sum / out.length));
  for (let v = 0; v < out.length; v++) out[v]! *= factor;
  return out;
}

/**
 * Root mean square of a field minus the mean of its 3×3×3 box, over √(1 − 1/27): 1 for white noise of unit variance. Taken at every second
 * voxel along each axis; at least 3 voxels along each are needed.
 */
export function highPassLevel(field: Float32Array, shape: Vec3): number {
  const rest = highPass(field, shape);
  let sum = 0;
  for (let n = 0; n < rest.length; n++) sum += rest[n]! * rest[n]!;
  return Math.sqrt(sum / rest.length) / BOX_LEFT;
}

/** The same from the median of the absolute values within a mask, as `noiseLevel` has it; NaN if hardly any voxel is inside. */
export function highPassMad(field: Float32Array, shape: Vec3, inside: Uint8Array): number {
  const rest = highPass(field, shape, inside);
  for (let n = 0; n < rest.length; n++) rest[n] = Math.abs(rest[n]!);
  return rest.length < 20 ? Number.NaN : (1.4826 * rest.sort()[rest.length >> 1]!) / BOX_LEFT;
}

/** What is left of white noise without its box's mean. */
const BOX_LEFT = Math.sqrt(1 - 1 / 27);

function highPass(field: Float32Array, [ni, nj, nk]: Vec3, inside?: Uint8Array): Float64Array {
  const rest = new Float64Array(((ni - 1) >> 1) * ((nj - 1) >> 1) * ((nk - 1) >> 1));
  let count = 0;
  for (let k = 1; k < nk - 1; k += 2)
    for (let j = 1; j < nj - 1; j += 2)
      for (let i = 1; i < ni - 1; i += 2) {
        const v = i + ni * (j + nj * k);
        if (inside && !inside[v]) continue;
        let box = 0;
        for (let slice = v - ni * nj; slice <= v + ni * nj; slice += ni * nj)
          for (let row = slice - ni; row <= slice + ni; row += ni) box += field[row - 1]! + field[row]! + field[row + 1]!;
        rest[count++] = field[v]! - box / 27;
      }
  return rest.subarray(0, count);
}
