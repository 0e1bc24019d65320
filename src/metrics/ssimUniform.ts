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
 * SSIM over a uniform window, row by row of a box. Four sums (x, y, x² + y², xy) run along k over slices of columns, then along j over
 * rows, then along i: each adds the voxel that enters and subtracts the one that leaves, in float64. One slice of sums is held.
 */
export function ssimUniform(
  x: Float32Array,
  y: Float32Array,
  shape: Vec3,
  box: Box,
  [r, , rk]: Vec3,
  constants: SimilarityConstants,
  visit: RowVisitor,
): void {
  const reach = reachOf(shape, box, r);
  const slice = (k: number) => mirrored(box.start[2] + k, shape[2]) * shape[0] * shape[1];
  // Row j of the columns holds the four sums' rows one after the other.
  const columns = new Float64Array(reach.rows.length * 4 * reach.width);
  for (let k = -rk; k <= rk; k++) shiftColumns(columns, x, y, slice(k), -1, shape[0], reach);
  const sums = new Float64Array(4 * reach.width);
  const row = new Float64Array(box.shape[0]);
  for (let k = 0; k < box.shape[2]; k++) {
    if (k > 0) shiftColumns(columns, x, y, slice(k + rk), slice(k - 1 - rk), shape[0], reach);
    sums.fill(0);
    for (let j = 0; j <= 2 * r; j++) addRow(sums, columns, j * sums.length);
    for (let j = 0; j < box.shape[1]; j++) {
      if (j > 0) shiftRow(sums, columns, (j + 2 * r) * sums.length, (j - 1) * sums.length);
      for (let m = 0; m < 4; m++) mirrorEnds(sums, m * reach.width, reach);
      similarityAlong(sums, row, reach.width, r, 1 / ((2 * r + 1) ** 2 * (2 * rk + 1)), constants);
      visit(box.start[1] + j, box.start[2] + k, row);
    }
  }
}

/** Adds the products of the slice that enters and subtracts those of the slice that leaves (−1 for none). */
function shiftColumns(
  columns: Float64Array,
  x: Float32Array,
  y: Float32Array,
  enters: number,
  leaves: number,
  ni: number,
  { rows, start, count, offset, width }: Reach,
): void {
  const weight = leaves < 0 ? 0 : 1;
  const back = leaves < 0 ? 0 : leaves - enters;
  for (let j = 0; j < rows.length; j++) {
    const first = enters + rows[j]! * ni + start;
    for (let v = first, at = 4 * j * width + offset; v < first + count; v++, at++) {
      const a = x[v]!;
      const b = y[v]!;
      const c = weight * x[v + back]!;
      const d = weight * y[v + back]!;
      columns[at] = columns[at]! + (a - c);
      columns[at + width] = columns[at + width]! + (b - d);
      columns[at + 2 * width] = columns[at + 2 * width]! + (a * a + b * b - (c * c + d * d));
      columns[at + 3 * width] = columns[at + 3 * width]! + (a * b - c * d);
    }
  }
}

function addRow(sums: Float64Array, columns: Float64Array, start: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + columns[start + i]!;
}

function shiftRow(sums: Float64Array, columns: Float64Array, enters: number, leaves: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + (columns[enters + i]! - columns[leaves + i]!);
}

/** The last sums, along i, and SSIM from their means. */
function similarityAlong(
  sums: Float64Array,
  row: Float64Array,
  width: number,
  r: number,
  scale: number,
  constants: SimilarityConstants,
): void {
  let [sx, sy, squares, products] = [0, 0, 0, 0];
  for (let i = 0; i < 2 * r; i++) {
    sx += sums[i]!;
    sy += sums[i + width]!;
    squares += sums[i + 2 * width]!;
    products += sums[i + 3 * width]!;
  }
  for (let i = 0; i < row.length; i++) {
    const enters = i + 2 * r;
    sx += sums[enters]!;
    sy += sums[enters + width]!;
    squares += sums[enters + 2 * width]!;
    products += sums[enters + 3 * width]!;
    row[i] = similarity(scale * sx, scale * sy, scale * squares, scale * products, constants);
    sx -= sums[i]!;
    sy -= sums[i + width]!;
    squares -= sums[i + 2 * width]!;
    products -= sums[i + 3 * width]!;
  }
}
