import type { Vec3 } from "../core/grid.js";
import { type Boundary, extend } from "./lines.js";

// A wide blur leaves nothing that every second voxel doesn't hold: thin out, blur with half the width, fill in.

/** Thins out with the binomial [1 4 6 4 1]/16, fills in with the cubic through four neighbours, [−1 9 9 −1]/16. */
const [B0, B1, B2] = [6 / 16, 4 / 16, 1 / 16];
const [C0, C1] = [9 / 16, -1 / 16];
const BINOMIAL = [B2, B1, B0, B1, B2];
const CUBIC = [C1, C0, C0, C1];

/** By how much filling in may enlarge an error: the sum of the cubic's |weights|. */
export const CUBIC_GAIN = 2 * (C0 - C1);

/** Samples kept beyond either end: what follows is constant (or zero), and filling in needs one. */
const MARGIN = 2;

/** Whether lines may be thinned out: a mirror image about a voxel's edge has no place between two samples. */
const canHalve = (boundary: Boundary): boolean => boundary !== "reflect";

const halvedLength = (count: number): number => Math.floor((count - 1) / 2) + 1 + 2 * MARGIN;

/**
 * The kernel that, between thinning out and filling in, stands for the given one; and the greatest sum of |difference| to it, of results
 * on and between the samples.
 *
 * The binomial's blur is taken out by a series: its transfer function is (1 − s)², s = sin²(ω/2), and 1/(1 − s)² = 1 + 2s + 3s² + …
 */
export function halvedKernel(half: Float64Array): { readonly half: Float64Array; readonly error: number } {
  const radius = half.length - 1;
  // The curve goes on beyond the kernel's end, so that the series doesn't see a jump there.
  const g = (m: number) => half[Math.abs(m)] ?? half[radius]! * (half[radius]! / half[radius - 1]!) ** (Math.abs(m) - radius);
  const s = (f: (m: number) => number) => (m: number) => (2 * f(m) - f(m - 1) - f(m + 1)) / 4;
  const sharp = Float64Array.from(
    { length: Math.floor(radius / 2) + 1 },
    (_, q) => g(2 * q) + 2 * s(g)(2 * q) + 3 * s(s(g))(2 * q),
  );
  const sum = sharp.reduce((total, w, q) => total + (q === 0 ? w : 2 * w), 0);
  const coarse = sharp.map((w) => w / sum);
  return { half: coarse, error: Math.max(differenceOn(half, coarse), differenceBetween(half, coarse)) };
}

/** How often a line is thinned out, and half of the kernel that then stands for the given one. */
export interface ThinnedKernel {
  readonly halvings: number;
  readonly half: Float64Array;
}

// Solving for the narrower kernel takes time too, and fitting cosines to it.
const HALVED_AT_MOST = 512;

/** Thins out while no result moves by more than half of `share` times the range. */
export function thinnedOut(half: Float64Array, share: number, boundary: Boundary): ThinnedKernel {
  let thinned: ThinnedKernel = { halvings: 0, half };
  for (let spent = 0; canHalve(boundary) && thinned.half.length <= HALVED_AT_MOST; ) {
    const next = halvedKernel(thinned.half);
    spent += CUBIC_GAIN ** thinned.halvings * next.error;
    if (!(spent <= share)) break;
    thinned = { halvings: thinned.halvings + 1, half: next.half };
  }
  return thinned;
}

/** What the samples' kernel amounts to for voxels m away from a sample. */
function widened(coarse: Float64Array, m: number): number {
  let sum = 0;
  for (let t = -2; t <= 2; t++) if ((m - t) % 2 === 0) sum += BINOMIAL[t + 2]! * (coarse[Math.abs((m - t) / 2)] ?? 0);
  return sum;
}

function differenceOn(half: Float64Array, coarse: Float64Array): number {
  let sum = 0;
  for (let m = -half.length - 8; m <= half.length + 8; m++) sum += Math.abs(widened(coarse, m) - (half[Math.abs(m)] ?? 0));
  return sum;
}

function differenceBetween(half: Float64Array, coarse: Float64Array): number {
  let sum = 0;
  for (let m = -half.length - 8; m <= half.length + 8; m++) {
    const filledIn = CUBIC.reduce((total, w, t) => total + w * widened(coarse, m + 3 - 2 * t), 0);
    sum += Math.abs(filledIn - (half[Math.abs(m)] ?? 0));
  }
  return sum;
}

/** Keeps every second voxel along an axis, each a mean of five, and {@link MARGIN} beyond either end. */
export function halve(
  source: Float32Array,
  shape: Vec3,
  axis: 0 | 1 | 2,
  boundary: Boundary,
): { data: Float32Array; shape: Vec3 } {
  const count = shape[axis];
  const kept = halvedLength(count);
  const stride = strideOf(shape, axis);
  const data = new Float32Array((source.length / count) * kept);
  const pad = 2 * MARGIN + 2;
  const line = new Float64Array(count + 2 * pad);
  for (let slab = 0, to = 0; slab < source.length; slab += stride * count)
    if (axis === 0) {
      for (let n = 0; n < count; n++) line[pad + n] = source[slab + n]!;
      extend(line, pad, count, boundary);
      for (let q = 0, n = 0; q < kept; q++, n += 2)
        data[to++] = B0 * line[n + 2]! + B1 * (line[n + 1]! + line[n + 3]!) + B2 * (line[n]! + line[n + 4]!);
    } else
      for (let q = 0; q < kept; q++, to += stride)
        mixPlanes(data, to, stride, source, slab, count, 2 * (q - MARGIN) - 2, BINOMIAL, boundary);
  return { data, shape: withLength(shape, axis, kept) };
}

/** Undoes {@link halve}: puts a voxel between any two along an axis, and drops those beyond the ends. */
export function double(source: Float32Array, shape: Vec3, axis: 0 | 1 | 2, count: number): { data: Float32Array; shape: Vec3 } {
  const kept = shape[axis];
  const stride = strideOf(shape, axis);
  const data = new Float32Array((source.length / kept) * count);
  for (let slab = 0, to = 0; slab < source.length; slab += stride * kept)
    if (axis === 0)
      for (let n = 0; n < count; n++) {
        const q = slab + MARGIN + (n >> 1);
        data[to++] = n % 2 === 0 ? source[q]! : C0 * (source[q]! + source[q + 1]!) + C1 * (source[q - 1]! + source[q + 2]!);
      }
    else
      for (let n = 0; n < count; n++, to += stride) {
        const q = MARGIN + (n >> 1);
        const from = slab + q * stride;
        if (n % 2 === 0) data.set(source.subarray(from, from + stride), to);
        else mixPlanes(data, to, stride, source, slab, kept, q - 1, CUBIC, "replicate");
      }
  return { data, shape: withLength(shape, axis, count) };
}

const strideOf = (shape: Vec3, axis: number): number => shape.slice(0, axis).reduce((product, n) => product * n, 1);

const withLength = (shape: Vec3, axis: number, length: number): Vec3 =>
  shape.map((n, a) => (a === axis ? length : n)) as unknown as Vec3;

/** Writes a weighted sum of consecutive planes (lines) of a slab, the first of which is `first`; beyond the slab by the boundary. */
function mixPlanes(
  target: Float32Array,
  to: number,
  stride: number,
  source: Float32Array,
  slab: number,
  count: number,
  first: number,
  weights: readonly number[],
  boundary: Boundary,
): void {
  const at = (t: number) => slab + stride * Math.min(count - 1, Math.max(0, first + t));
  const weight = (t: number) => (boundary === "zero" && (first + t < 0 || first + t >= count) ? 0 : (weights[t] ?? 0));
  const [a, b, c, d, e] = [at(0), at(1), at(2), at(3), at(4)];
  const [wa, wb, wc, wd, we] = [weight(0), weight(1), weight(2), weight(3), weight(4)];
  for (let v = 0; v < stride; v++)
    target[to + v] = wa * source[a + v]! + wb * source[b + v]! + wc * source[c + v]! + wd * source[d + v]! + we * source[e + v]!;
}
