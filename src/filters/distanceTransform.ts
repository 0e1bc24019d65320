import { spacingMm } from "../core/grid.js";
import type { Mask, Volume } from "../core/volume.js";
import { checkOrthogonal } from "./orthogonal.js";

/**
 * Distance in mm from each voxel's centre to that of the nearest voxel of the mask, exactly.
 *
 *     out(v) = min over m in mask of |v − m|
 *
 * @param mask on a grid whose axes are at right angles; spacings may differ
 * @returns a volume on the mask's grid: 0 inside the mask, `Infinity` everywhere if it is empty
 * @throws `unsupported` if the grid is sheared (axes off a right angle by a cosine of more than 0.001)
 * @see Felzenszwalb and Huttenlocher 2012, "Distance transforms of sampled functions", Theory of Computing 8; SciPy
 *   `ndimage.distance_transform_edt`, which measures the distance to the nearest *zero* and so wants the complement
 * @example
 * const away = distanceTransform(tumour);
 */
export function distanceTransform(mask: Mask): Volume {
  const { grid } = mask;
  checkOrthogonal(grid);
  const [ni, nj, nk] = grid.shape;
  const [si, sj, sk] = spacingMm(grid);
  const out = stepsAlongK(mask.data, ni * nj, nk);
  // The rest happens within a slice, so that its float64 squares stay in cache.
  const squared = new Float64Array(ni * nj);
  const alongI = createEnvelope(ni, si);
  const alongJ = createEnvelope(nj, sj);
  const column = new Float64Array(nj);
  for (let slice = 0; slice < out.length; slice += ni * nj) {
    squaresInSlice(squared, out, slice, sk, alongI);
    for (let i = 0; i < ni; i++) {
      for (let j = 0, v = i; j < nj; j++, v += ni) column[j] = squared[v]!;
      lowerEnvelope(alongJ, column);
      for (let j = 0, v = slice + i; j < nj; j++, v += ni) out[v] = Math.sqrt(column[j]!);
    }
  }
  return { grid, data: out };
}

/**
 * The same at some voxels only, as those of a surface. Along j the nearest is looked for outwards from each: that ends soon where surfaces are near,
 * and takes no more than a line.
 *
 * @param at indices of voxels, rising
 */
export function distancesAt({ grid, data }: Mask, at: Uint32Array): Float32Array<ArrayBuffer> {
  const [ni, nj, nk] = grid.shape;
  const [si, sj, sk] = spacingMm(grid);
  const steps = stepsAlongK(data, ni * nj, nk);
  const squared = new Float64Array(ni * nj);
  const alongI = createEnvelope(ni, si);
  const distances = new Float32Array(at.length);
  for (let n = 0; n < at.length; ) {
    const slice = at[n]! - (at[n]! % squared.length);
    squaresInSlice(squared, steps, slice, sk, alongI);
    for (; n < at.length && at[n]! < slice + squared.length; n++)
      distances[n] = Math.sqrt(leastAlongJ(squared, at[n]! - slice, ni, sj));
  }
  return distances;
}

/** min over q of f(q) + (spacing·(j − q))², of the voxel's column. */
function leastAlongJ(f: Float64Array, voxel: number, ni: number, spacing: number): number {
  let least = f[voxel]!;
  for (let d = 1, below = voxel - ni, above = voxel + ni; below >= 0 || above < f.length; d++, below -= ni, above += ni) {
    const away = spacing * d * (spacing * d);
    if (away >= least) break;
    if (below >= 0 && f[below]! + away < least) least = f[below]! + away;
    if (above < f.length && f[above]! + away < least) least = f[above]! + away;
  }
  return least;
}

/** Squares of the distances within rows and along k, of one slice. */
function squaresInSlice(squared: Float64Array, steps: Float32Array, slice: number, spacing: number, alongI: Envelope): void {
  const ni = alongI.vertex.length;
  for (let v = 0; v < squared.length; v++) squared[v] = (steps[slice + v]! * spacing) ** 2;
  for (let row = 0; row < squared.length; row += ni) lowerEnvelope(alongI, squared.subarray(row, row + ni));
}

/** Number of slices to the nearest masked voxel of the same i and j. */
function stepsAlongK(inside: Uint8Array, area: number, nk: number): Float32Array<ArrayBuffer> {
  const steps = new Float32Array(inside.length);
  for (let v = 0; v < area; v++) steps[v] = inside[v] ? 0 : Infinity;
  for (let v = area; v < steps.length; v++) steps[v] = inside[v] ? 0 : steps[v - area]! + 1;
  for (let v = area * (nk - 1) - 1; v >= 0; v--) {
    const back = steps[v + area]! + 1;
    if (back < steps[v]!) steps[v] = back;
  }
  return steps;
}

interface Envelope {
  readonly spacing: number;
  /** Where each parabola of the envelope has its vertex, its height there, and where it takes over from the one before. */
  readonly vertex: Int32Array;
  readonly height: Float64Array;
  readonly from: Float64Array;
  /** 1 / (2·spacing²·d), to save a division a voxel. */
  readonly reciprocal: Float64Array;
}

function createEnvelope(length: number, spacing: number): Envelope {
  return {
    spacing,
    vertex: new Int32Array(length),
    height: new Float64Array(length),
    from: new Float64Array(length + 1),
    reciprocal: Float64Array.from({ length }, (_, d) => 1 / (2 * spacing * spacing * d)),
  };
}

/** Replaces f(x) by min over q of f(q) + (spacing·(x − q))²: the lower envelope of parabolas, found from left to right. */
function lowerEnvelope({ spacing, vertex, height, from, reciprocal }: Envelope, f: Float64Array): void {
  const length = f.length;
  const w = spacing * spacing;
  let q = 0;
  while (q < length && f[q] === Infinity) q++;
  if (q === length) return;
  // The last parabola so far: its vertex, its height there, and where it takes over.
  let top = 0;
  let v = q;
  let h = f[q]!;
  let start = -Infinity;
  vertex[0] = v;
  height[0] = h;
  from[0] = start;
  for (q++; q < length; q++) {
    const next = f[q]!;
    if (next === Infinity) continue;
    let crossing = (next - h + w * ((q - v) * (q + v))) * reciprocal[q - v]!;
    while (crossing <= start) {
      top--;
      v = vertex[top]!;
      h = height[top]!;
      start = from[top]!;
      crossing = (next - h + w * ((q - v) * (q + v))) * reciprocal[q - v]!;
    }
    top++;
    vertex[top] = v = q;
    height[top] = h = next;
    from[top] = start = crossing;
  }
  from[top + 1] = length - 1;
  for (let n = 0, x = 0; n <= top; n++) {
    const end = Math.min(length - 1, from[n + 1]!);
    const at = vertex[n]!;
    const base = height[n]!;
    for (; x <= end; x++) {
      const d = spacing * (x - at);
      f[x] = base + d * d;
    }
  }
}
