import type { Vec3 } from "../core/grid.js";

/**
 * What lies beyond the grid: `"replicate"` the nearest voxel (zero-flux Neumann; SciPy's `nearest`), `"reflect"` the mirror
 * image about the grid's outer edge (d c b a | a b c d; SciPy's `reflect`), `"zero"` nothing (SciPy's `constant`).
 */
export type Boundary = "replicate" | "reflect" | "zero";

export const BOUNDARIES: readonly Boundary[] = ["replicate", "reflect", "zero"];

/** A filter of one line of voxels. */
export interface LineFilter {
  /** Voxels that it needs beyond each end. */
  readonly pad: number;
  /**
   * Voxel i of the line is `line[i + pad]`; writes the first `count` results to `out`. Both arrays have {@link SLACK} numbers to
   * spare behind, so that loops may be unrolled; what is written there is dropped.
   */
  readonly apply: (line: Float64Array, out: Float64Array, count: number) => void;
}

/** Numbers to spare behind a padded line and its result. */
export const SLACK = 4;

// Lines along j and k are taken side by side, one cache line of float32 wide, so that memory is read in whole lines.
const LANES = 16;

/**
 * Filters each line of voxels along an axis, in float64. `target` may be `source`: each line is read before it is written.
 */
export function filterLines(
  source: Float32Array,
  target: Float32Array,
  shape: Vec3,
  axis: 0 | 1 | 2,
  boundary: Boundary,
  { pad, apply }: LineFilter,
): void {
  const count = shape[axis];
  const stride = axis === 0 ? 1 : axis === 1 ? shape[0] : shape[0] * shape[1];
  const width = Math.min(stride, LANES);
  const lineLength = count + 2 * pad + SLACK;
  const lines = new Float64Array(width * lineLength);
  const results = new Float64Array(width * (count + SLACK));
  const lineOf = Array.from({ length: width }, (_, lane) => lines.subarray(lane * lineLength, (lane + 1) * lineLength));
  const resultOf = Array.from({ length: width }, (_, lane) =>
    results.subarray(lane * (count + SLACK), (lane + 1) * (count + SLACK)),
  );
  for (let slab = 0; slab < source.length; slab += stride * count)
    for (let first = 0; first < stride; first += width) {
      const lanes = Math.min(width, stride - first);
      if (stride === 1) lines.set(source.subarray(slab, slab + count), pad);
      else
        for (let n = 0, from = slab + first; n < count; n++, from += stride)
          for (let lane = 0, to = pad + n; lane < lanes; lane++, to += lineLength) lines[to] = source[from + lane]!;
      for (let lane = 0; lane < lanes; lane++) {
        extend(lineOf[lane]!, pad, count, boundary);
        apply(lineOf[lane]!, resultOf[lane]!, count);
      }
      if (stride === 1) target.set(results.subarray(0, count), slab);
      else
        for (let n = 0, to = slab + first; n < count; n++, to += stride)
          for (let lane = 0, from = n; lane < lanes; lane++, from += count + SLACK) target[to + lane] = results[from]!;
    }
}

/** Fills in what lies beyond a line of `count` voxels that begins at `pad`. */
export function extend(line: Float64Array, pad: number, count: number, boundary: Boundary): void {
  const end = pad + count;
  if (boundary === "reflect") {
    for (let n = 1; n <= pad; n++) {
      line[pad - n] = line[pad + mirrored(-n, count)]!;
      line[end - 1 + n] = line[pad + mirrored(count - 1 + n, count)]!;
    }
    return;
  }
  line.fill(boundary === "zero" ? 0 : line[pad]!, 0, pad);
  line.fill(boundary === "zero" ? 0 : line[end - 1]!, end, end + pad);
}

/** Index of the voxel that stands at n, on a line or beyond its ends; −1 for none. */
export function standsAt(n: number, count: number, boundary: Boundary): number {
  if (n >= 0 && n < count) return n;
  if (boundary === "reflect") return mirrored(n, count);
  return boundary === "zero" ? -1 : n < 0 ? 0 : count - 1;
}

/** Index of the voxel whose mirror image, about both outer edges and over and over, lies at index n. */
function mirrored(n: number, count: number): number {
  const period = 2 * count;
  const m = ((n % period) + period) % period;
  return m < count ? m : period - 1 - m;
}
