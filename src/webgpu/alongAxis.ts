import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import type { Boundary } from "../filters/lines.js";
import type { GpuBuffer, GpuDevice } from "./gpuDevice.js";
import { ALIGNMENT, allocate, type Binding, dispatch, type Kernel, write } from "./kernel.js";

/** Float32 voxels of a shape, i fastest. */
export interface Voxels {
  readonly buffer: GpuBuffer;
  readonly shape: Vec3;
}

/**
 * A filter of each line of voxels along an axis: result n is Σ weight_t · source[⌊n · step / phases⌋ + first + t], with weights that
 * depend on n mod phases. Convolution has one phase and step 1; thinning out, step 2; filling in, two phases.
 */
export interface AxisFilter {
  readonly weights: readonly ArrayLike<number>[];
  readonly step: number;
  readonly first: number;
  /** Length of the filtered line. */
  readonly length: number;
}

const BOUNDARY_CODES: Readonly<Record<Boundary, number>> = { replicate: 0, reflect: 1, zero: 2 };

// The volume is read as [outer][line][inner]; a call sees the outer ones and the part of the lines that fit into its bindings.
const kernel: Kernel = {
  name: "alongAxis",
  params: {
    inner: "u32",
    lineIn: "i32",
    boundary: "u32",
    taps: "i32",
    phases: "u32",
    step: "u32",
    first: "i32",
    firstRow: "u32",
    rows: "u32",
    outSpan: "u32",
    outLead: "u32",
    inFrom: "i32",
    inSpan: "u32",
    inLead: "u32",
  },
  reads: { source: "f32", weights: "f32" },
  writes: { result: "f32" },
  declarations: `
// Index of the voxel that stands at m, on a line or beyond its ends; -1 for none.
fn standsAt(m: i32) -> i32 {
  let count = p.lineIn;
  if (m >= 0 && m < count) { return m; }
  if (p.boundary == 2u) { return -1; }
  if (p.boundary == 0u) { return clamp(m, 0, count - 1); }
  let period = 2 * count;
  let r = ((m % period) + period) % period;
  return select(period - 1 - r, r, r < count);
}`,
  body: `
  let x = n % p.inner;
  let row = p.firstRow + (n / p.inner) % p.rows;
  let outer = n / p.inner / p.rows;
  let base = i32(row * p.step / p.phases) + p.first;
  let weight = i32(row % p.phases) * p.taps;
  var sum = 0.0;
  for (var t = 0; t < p.taps; t++) {
    let at = standsAt(base + t);
    if (at >= 0) { sum += weights[weight + t] * source[p.inLead + (outer * p.inSpan + u32(at - p.inFrom)) * p.inner + x]; }
  }
  result[p.outLead + (outer * p.outSpan + row - p.firstRow) * p.inner + x] = sum;`,
};

/** Filters along an axis into new voxels. */
export function filterAlong(device: GpuDevice, source: Voxels, axis: 0 | 1 | 2, filter: AxisFilter, boundary: Boundary): Voxels {
  const { shape } = source;
  const shapeOut = shape.map((count, a) => (a === axis ? filter.length : count)) as unknown as Vec3;
  const result = { buffer: allocate(device, 4 * shapeOut[0] * shapeOut[1] * shapeOut[2]), shape: shapeOut };
  const weights = weightsBuffer(device, filter);
  for (const part of partsOf(device, shape, axis, filter)) {
    const { inner, outer, rows, from, outStart, inFrom, inRows, inStart } = part;
    const [input, inLead] = bindRange(source.buffer, inStart, inner * inRows * outer);
    const [output, outLead] = bindRange(result.buffer, outStart, inner * rows * outer);
    dispatch(device, kernel, {
      threads: inner * rows * outer,
      params: {
        inner,
        lineIn: shape[axis],
        boundary: BOUNDARY_CODES[boundary],
        taps: filter.weights[0]!.length,
        phases: filter.weights.length,
        step: filter.step,
        first: filter.first,
        firstRow: from,
        rows,
        outSpan: rows,
        outLead,
        inFrom,
        inSpan: inRows,
        inLead,
      },
      bindings: [input, { buffer: weights }, output],
    });
  }
  weights.destroy();
  return result;
}

function weightsBuffer(device: GpuDevice, { weights }: AxisFilter): GpuBuffer {
  const all = Float32Array.from(weights.flatMap((phase) => Array.from(phase)));
  const buffer = allocate(device, all.byteLength);
  write(device, buffer, all);
  return buffer;
}

/** Binding of `count` float32 from number `start`, and the number of them that the binding begins earlier with. */
export function bindRange(buffer: GpuBuffer, start: number, count: number): readonly [Binding, number] {
  const lead = start % (ALIGNMENT / 4);
  return [{ buffer, offset: 4 * (start - lead), size: 4 * (lead + count) }, lead];
}

/** Rows `from` … of the result, of some or one of the outer lines, and the rows of the source that they need. */
interface Part {
  readonly inner: number;
  readonly outer: number;
  readonly from: number;
  readonly rows: number;
  readonly outStart: number;
  readonly inFrom: number;
  readonly inRows: number;
  readonly inStart: number;
}

/** Whole lines where they fit into a binding, else lines part by part, with what the filter needs beyond. */
function partsOf(device: GpuDevice, shape: Vec3, axis: 0 | 1 | 2, filter: AxisFilter): Part[] {
  const [lineIn, lineOut] = [shape[axis], filter.length];
  const inner = shape.slice(0, axis).reduce((product, n) => product * n, 1);
  const outers = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const most = floatsAtOnce(device);
  const wholeLine = inner * Math.max(lineIn, lineOut);
  const parts: Part[] = [];
  if (wholeLine <= most) {
    const step = Math.floor(most / wholeLine);
    for (let first = 0; first < outers; first += step) {
      const outer = Math.min(step, outers - first);
      const starts = { outStart: first * inner * lineOut, inStart: first * inner * lineIn };
      parts.push({ inner, outer, from: 0, rows: lineOut, inFrom: 0, inRows: lineIn, ...starts });
    }
    return parts;
  }
  const perBinding = Math.floor(most / inner);
  for (let outer = 0; outer < outers; outer++)
    for (let from = 0, rows = 0; from < lineOut; from += rows) {
      rows = Math.min(perBinding, lineOut - from);
      while (rows > 0 && needed(filter, lineIn, from, rows)[1] > perBinding) rows--;
      if (rows < 1)
        throw new GadoliniteError(
          "unsupported",
          `The GPU sees ${device.limits.maxStorageBufferBindingSize} bytes at a time, too few for ${filter.weights[0]!.length} slices of ${inner} voxels. Take a smaller blur, crop the volume, or work on the CPU.`,
        );
      const [inFrom, inRows] = needed(filter, lineIn, from, rows);
      const starts = { outStart: (outer * lineOut + from) * inner, inStart: (outer * lineIn + inFrom) * inner };
      parts.push({ inner, outer: 1, from, rows, inFrom, inRows, ...starts });
    }
  return parts;
}

/** The first row of the source that these rows of the result need, and how many; also those that stand for what lies beyond. */
function needed({ weights, step, first }: AxisFilter, lineIn: number, from: number, rows: number): readonly [number, number] {
  const base = (row: number) => Math.floor((row * step) / weights.length) + first;
  const low = Math.min(lineIn - 1, Math.max(0, base(from)));
  const end = Math.max(low + 1, Math.min(lineIn, base(from + rows - 1) + weights[0]!.length));
  return [low, end - low];
}

/** Float32 numbers that surely fit into a binding, wherever they begin. */
export const floatsAtOnce = ({ limits }: GpuDevice): number => Math.floor(limits.maxStorageBufferBindingSize / 4) - ALIGNMENT / 4;
