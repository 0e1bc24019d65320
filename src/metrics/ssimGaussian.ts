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

/**
 * SSIM over a window of symmetric weights, row by row of a box: four products (x, y, x² + y², xy) are correlated with the weights along k
 * (from the volumes themselves), then along j, then along i, in float64. One slice of correlated products is held.
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
  const rowLength = 4 * reach.width;
  const slice = (k: number) => mirrored(box.start[2] + k, shape[2]) * shape[0] * shape[1];
  // Row j holds the four products' rows one after the other; three spare rows, as rows are correlated by fours.
  const products = new Float64Array((reach.rows.length + 3) * rowLength);
  const fourRows = new Float64Array(4 * rowLength);
  const means = new Float64Array(4 * box.shape[0]);
  const row = new Float64Array(box.shape[0]);
  const slices = new Int32Array(2 * rk + 1);
  for (let k = 0; k < box.shape[2]; k++) {
    for (let t = 0; t < slices.length; t++) slices[t] = slice(k + t - rk);
    correlateSlices(products, x, y, slices, rk === 0 ? ONE : weights, shape[0], reach);
    for (let j = 0; j < box.shape[1]; j++) {
      if (j % 4 === 0) correlateRows(products, j * rowLength, weights, fourRows);
      for (let m = 0; m < 4; m++) {
        const first = (j % 4) * rowLength + m * reach.width;
        mirrorEnds(fourRows, first, reach);
        correlateAlong(fourRows, first, weights, means, m * row.length, row.length);
      }
      similarityOf(means, row, constants);
      visit(box.start[1] + j, box.start[2] + k, row);
    }
  }
}

const ONE = Float64Array.of(1);

/** The products of all slices that the window reaches, weighted and added; row by row, as a row stays in the nearest cache. */
function correlateSlices(
  products: Float64Array,
  x: Float32Array,
  y: Float32Array,
  slices: Int32Array,
  weights: Float64Array,
  ni: number,
  { rows, start, count, offset, width }: Reach,
): void {
  const last = slices.length - 1;
  products.fill(0);
  for (let j = 0; j < rows.length; j++) {
    const first = rows[j]! * ni + start;
    const at = 4 * j * width + offset;
    // The middle slice is a pair with itself.
    for (let t = 0; 2 * t <= last; t++)
      addPair(
        products,
        at,
        width,
        x,
        y,
        slices[t]! + first,
        slices[last - t]! + first,
        2 * t === last ? weights[t]! / 2 : weights[t]!,
        count,
      );
  }
}

/** Adds the products of two rows, times their common weight. */
function addPair(
  products: Float64Array,
  start: number,
  width: number,
  x: Float32Array,
  y: Float32Array,
  rowA: number,
  rowB: number,
  weight: number,
  count: number,
): void {
  for (let i = 0, at = start; i < count; i++, at++) {
    const a = x[rowA + i]!;
    const b = y[rowA + i]!;
    const c = x[rowB + i]!;
    const d = y[rowB + i]!;
    products[at] = products[at]! + weight * (a + c);
    products[at + width] = products[at + width]! + weight * (b + d);
    products[at + 2 * width] = products[at + 2 * width]! + weight * (a * a + b * b + (c * c + d * d));
    products[at + 3 * width] = products[at + 3 * width]! + weight * (a * b + c * d);
  }
}

/** Four rows of the correlation along j; the first is that of the rows from `first` on. */
function correlateRows(from: Float64Array, first: number, weights: Float64Array, to: Float64Array): void {
  if (weights.length === 11) return correlateRows11(from, first, weights, to);
  const n = to.length / 4;
  const last = weights.length - 1;
  const spareRows = from.length - first - to.length;
  to.fill(0);
  for (let t = 0; t <= last && t * n <= spareRows; t++) {
    const w = weights[t]!;
    const start = first + t * n;
    for (let i = 0; i < to.length; i++) to[i] = to[i]! + w * from[start + i]!;
  }
}

/** The same unrolled for the usual 11 taps: fourteen loads make four results. */
function correlateRows11(from: Float64Array, first: number, weights: Float64Array, to: Float64Array): void {
  const n = to.length / 4;
  const [w0, w1, w2, w3, w4, w5] = weights as unknown as [number, number, number, number, number, number];
  for (let i = 0, v = first; i < n; i++, v++) {
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
    to[i] = w5 * f + w4 * (e + g) + w3 * (d + h) + w2 * (c + p) + w1 * (b + q) + w0 * (a + r);
    to[i + n] = w5 * g + w4 * (f + h) + w3 * (e + p) + w2 * (d + q) + w1 * (c + r) + w0 * (b + s);
    to[i + 2 * n] = w5 * h + w4 * (g + p) + w3 * (f + q) + w2 * (e + r) + w1 * (d + s) + w0 * (c + t);
    to[i + 3 * n] = w5 * p + w4 * (h + q) + w3 * (g + r) + w2 * (f + s) + w1 * (e + t) + w0 * (d + u);
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
  if (weights.length === 11) return correlateAlong11(from, first, weights, to, start, count);
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
