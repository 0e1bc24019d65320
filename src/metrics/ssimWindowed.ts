import type { Box } from "../core/boundingBox.js";
import type { Vec3 } from "../core/grid.js";
import { mirrorEnds, mirrored, type Reach, type RowVisitor, reachOf, type SimilarityConstants } from "./similarity.js";
import { plainKernels, type WindowKernels, windowKernels } from "./windowKernels.js";

// Slices made at once: they share the products of the slices around them.
const SLICES = 8;
// A smaller box is done before a WebAssembly module is compiled.
const LEAST_FOR_WASM = 4096;

/**
 * SSIM over a window of symmetric weights, row by row of a box: four products (x, y, x² + y², xy) are correlated with the weights along k
 * (from the volumes themselves), then along j, then along i, in float64. Four slices of correlated products are held.
 */
export function ssimWindowed(
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
  const layout = layoutOf(reach, weights.length);
  const options = { weights, pitch: layout.pitch, length: layout.length, constants };
  const kernels = width * height * depth < LEAST_FOR_WASM ? plainKernels(options) : windowKernels(options);
  const row = kernels.numbers.subarray(layout.similarities, layout.similarities + width);
  for (let k = 0; k < depth; k++) {
    if (k % SLICES === 0) correlateSlices(kernels, layout, x, y, shape, box.start[2] + k, rk, reach);
    const slice = layout.slices + (k % SLICES) * layout.sliceLength;
    for (let j = 0; j < height; j++) {
      kernels.across(slice + j * layout.rowLength, layout.row, layout.rowLength);
      for (let m = 0; m < 4; m++) mirrorEnds(kernels.numbers, layout.row + m * layout.pitch, reach);
      kernels.along(layout.row, layout.means, layout.rowLength - 2 * r);
      kernels.similarities(layout.means, layout.similarities, width);
      visit(box.start[1] + j, box.start[2] + k, row);
    }
  }
}

/** Where in memory things are, in numbers from its beginning. */
interface Layout {
  /** Row j of a slice holds the four products' rows, one pitch each; the last number of a pitch is spare. */
  readonly pitch: number;
  readonly rowLength: number;
  readonly sliceLength: number;
  readonly x: number;
  readonly y: number;
  readonly products: number;
  readonly slices: number;
  readonly row: number;
  readonly means: number;
  readonly similarities: number;
  readonly length: number;
}

function layoutOf({ width, rows }: Reach, taps: number): Layout {
  const pitch = width + 2 - (width % 2);
  const rowLength = 4 * pitch;
  const sliceLength = rows.length * rowLength;
  const [x, y, products] = [0, pitch, 2 * pitch];
  const slices = products + (taps + SLICES - 1) * rowLength;
  const row = slices + SLICES * sliceLength;
  const [means, similarities, length] = [row + rowLength, row + 2 * rowLength, row + 2 * rowLength + pitch];
  return { pitch, rowLength, sliceLength, x, y, products, slices, row, means, similarities, length };
}

/** The products correlated along k: slices k … k + 3. */
function correlateSlices(
  kernels: WindowKernels,
  { rowLength, sliceLength, x: xs, y: ys, products, slices }: Layout,
  x: Float32Array,
  y: Float32Array,
  [ni, nj, nk]: Vec3,
  k: number,
  rk: number,
  { rows, start, count, offset }: Reach,
): void {
  for (let j = 0; j < rows.length; j++) {
    const to = slices + j * rowLength;
    for (let t = 0; t < 2 * rk + SLICES; t++) {
      // The last block may reach beyond the box, where its result isn't used.
      const first = start + ni * (rows[j]! + nj * mirrored(Math.min(k + t - rk, nk - 1 + rk), nk));
      kernels.floats.set(x.subarray(first, first + count), 2 * xs);
      kernels.floats.set(y.subarray(first, first + count), 2 * ys);
      kernels.products(2 * xs, 2 * ys, offset + (rk === 0 ? to + t * sliceLength : products + t * rowLength), count);
    }
    if (rk > 0) for (let s = 0; s < SLICES; s++) kernels.across(products + s * rowLength, to + s * sliceLength, rowLength);
  }
}
