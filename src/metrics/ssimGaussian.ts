import type { Box } from "../core/boundingBox.js";
import type { Vec3 } from "../core/grid.js";
import {
  mirrorEnds,
  mirrored,
  type Reach,
  type RowVisitor,
  reachOf,
  type SimilarityConstants,
  similarity,
} from "./similarity.js";

// Along k and j four rows are made at once: they share most of what they load.
const AT_ONCE = 4;
const ONE = Float64Array.of(1);

/**
 * SSIM over a window of symmetric weights, row by row of a box: four products (x, y, x² + y², xy) are correlated with the weights along k
 * (from the volumes themselves), then along j, then along i, in float64. Four slices of correlated products are held.
 */
export function ssimGaussian(
  x: Float32Array,
  y: Float32Array,
  shape: Vec3,
  box: Box,
  weights: Float64Array,
  [r, , rk]: Vec3,
  constants: SimilarityConstants,
  visit: RowVisitor,
): void {
  const reach = reachOf(shape, box, r);
  const [width, height, depth] = box.shape;
  const rowLength = 4 * reach.width;
  // Row j of a slice holds the four products' rows one after the other; spare rows at the end, as rows are made four at once.
  const sliceLength = (reach.rows.length + AT_ONCE - 1) * rowLength;
  const slices = new Float64Array(AT_ONCE * sliceLength);
  const rows = new Float64Array(AT_ONCE * rowLength);
  const means = new Float64Array(4 * width);
  const row = new Float64Array(width);
  for (let k = 0; k < depth; k++) {
    if (k % AT_ONCE === 0) correlateSlices(slices, sliceLength, x, y, shape, box.start[2] + k, rk === 0 ? ONE : weights, reach);
    const slice = (k % AT_ONCE) * sliceLength;
    for (let j = 0; j < height; j++) {
      if (j % AT_ONCE === 0) correlateRows(slices, slice + j * rowLength, weights, rows, 0, rowLength, rowLength);
      for (let m = 0; m < 4; m++) {
        const first = (j % AT_ONCE) * rowLength + m * reach.width;
        mirrorEnds(rows, first, reach);
        correlateAlong(rows, first, weights, means, m * width, width);
      }
      similarityOf(means, row, constants);
      visit(box.start[1] + j, box.start[2] + k, row);
    }
  }
}

/** The products correlated along k: slices k … k + 3. */
function correlateSlices(
  slices: Float64Array,
  sliceLength: number,
  x: Float32Array,
  y: Float32Array,
  [ni, nj, nk]: Vec3,
  k: number,
  weights: Float64Array,
  { rows, start, count, offset, width }: Reach,
): void {
  const radius = (weights.length - 1) / 2;
  // The last block may reach beyond the box, where its result isn't used.
  const sources = Int32Array.from({ length: weights.length + AT_ONCE - 1 }, (_, t) =>
    mirrored(Math.min(k + t - radius, nk - 1 + radius), nk),
  );
  const products = new Float64Array(sources.length * 4 * width);
  for (let j = 0; j < rows.length; j++) {
    for (let t = 0; t < sources.length; t++)
      multiplyRows(x, y, start + ni * (rows[j]! + nj * sources[t]!), count, products, 4 * t * width + offset, width);
    correlateRows(products, 0, weights, slices, 4 * j * width, sliceLength, 4 * width);
  }
}

function multiplyRows(
  x: Float32Array,
  y: Float32Array,
  first: number,
  count: number,
  products: Float64Array,
  start: number,
  width: number,
): void {
  for (let i = 0, at = start; i < count; i++, at++) {
    const a = x[first + i]!;
    const b = y[first + i]!;
    products[at] = a;
    products[at + width] = b;
    products[at + 2 * width] = a * a + b * b;
    products[at + 3 * width] = a * b;
  }
}

/** Four rows of n numbers, each the weighted sum of as many rows as there are weights, the first from `first` on, the next from first + n … */
function correlateRows(
  from: Float64Array,
  first: number,
  weights: Float64Array,
  to: Float64Array,
  start: number,
  stride: number,
  n: number,
): void {
  if (weights.length === 11) {
    correlateRows11(from, first, weights, to, start, stride, n);
    return;
  }
  for (let s = 0; s < AT_ONCE; s++) {
    const at = start + s * stride;
    to.fill(0, at, at + n);
    for (let t = 0; t < weights.length; t++) {
      const w = weights[t]!;
      const row = first + (s + t) * n;
      for (let i = 0; i < n; i++) to[at + i] = to[at + i]! + w * from[row + i]!;
    }
  }
}

/** The same unrolled for the usual 11 taps: fourteen loads make four results. */
function correlateRows11(
  from: Float64Array,
  first: number,
  weights: Float64Array,
  to: Float64Array,
  start: number,
  stride: number,
  n: number,
): void {
  const [w0, w1, w2, w3, w4, w5] = weights as unknown as [number, number, number, number, number, number];
  for (let i = 0, v = first, at = start; i < n; i++, v++, at++) {
    const a = from[v]!;
    const b = from[v + n]!;
    const c = from[v + 2 * n]!;
    const d = from[v + 3 * n]!;
    const e = from[v + 4 * n]!;
    const f = from[v + 5 * n]!;
    const g = from[v + 6 * n]!;
    const h = from[v + 7 * n]!;
    const p = from[v + 8 * n]!;
    const q = from[v + 9 * n]!;
    const r = from[v + 10 * n]!;
    const s = from[v + 11 * n]!;
    const t = from[v + 12 * n]!;
    const u = from[v + 13 * n]!;
    to[at] = w5 * f + w4 * (e + g) + w3 * (d + h) + w2 * (c + p) + w1 * (b + q) + w0 * (a + r);
    to[at + stride] = w5 * g + w4 * (f + h) + w3 * (e + p) + w2 * (d + q) + w1 * (c + r) + w0 * (b + s);
    to[at + 2 * stride] = w5 * h + w4 * (g + p) + w3 * (f + q) + w2 * (e + r) + w1 * (d + s) + w0 * (c + t);
    to[at + 3 * stride] = w5 * p + w4 * (h + q) + w3 * (g + r) + w2 * (f + s) + w1 * (e + t) + w0 * (d + u);
  }
}

/** `to[start + i] = Σ_t weights[t] · from[first + i + t]`. */
function correlateAlong(
  from: Float64Array,
  first: number,
  weights: Float64Array,
  to: Float64Array,
  start: number,
  count: number,
): void {
  if (weights.length === 11) {
    correlateAlong11(from, first, weights, to, start, count);
    return;
  }
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let t = 0; t < weights.length; t++) sum += weights[t]! * from[first + i + t]!;
    to[start + i] = sum;
  }
}

/** The same for 11 taps, with the window in eleven variables that shift along: one load a voxel. */
function correlateAlong11(
  from: Float64Array,
  first: number,
  weights: Float64Array,
  to: Float64Array,
  start: number,
  count: number,
): void {
  const [w0, w1, w2, w3, w4, w5] = weights as unknown as [number, number, number, number, number, number];
  let a = from[first]!;
  let b = from[first + 1]!;
  let c = from[first + 2]!;
  let d = from[first + 3]!;
  let e = from[first + 4]!;
  let f = from[first + 5]!;
  let g = from[first + 6]!;
  let h = from[first + 7]!;
  let p = from[first + 8]!;
  let q = from[first + 9]!;
  for (let i = 0; i < count; i++) {
    const r = from[first + 10 + i]!;
    to[start + i] = w5 * f + w4 * (e + g) + w3 * (d + h) + w2 * (c + p) + w1 * (b + q) + w0 * (a + r);
    a = b;
    b = c;
    c = d;
    d = e;
    e = f;
    f = g;
    g = h;
    h = p;
    p = q;
    q = r;
  }
}

function similarityOf(means: Float64Array, row: Float64Array, constants: SimilarityConstants): void {
  const n = row.length;
  for (let i = 0; i < n; i++) row[i] = similarity(means[i]!, means[n + i]!, means[2 * n + i]!, means[3 * n + i]!, constants);
}
