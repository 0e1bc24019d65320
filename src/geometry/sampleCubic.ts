import type { Vec3 } from "../core/grid.js";
import { rearrangeVoxels } from "./axes.js";
import { splineAxis, tapsAt, tapsOfCoefficients } from "./splineAxis.js";
import { eachRunInside, kept, rangeInside, type VoxelMap } from "./voxelMap.js";
import { copyBox } from "./voxels.js";

/** Limits of the values written. */
export interface Limits {
  readonly low: number;
  readonly high: number;
}

/**
 * Writes the value of the cubic B-spline through the voxels into each voxel of `out` whose point lies in the volume; beyond
 * the outermost centres the value there goes on.
 */
export function sampleCubic(out: Float32Array, to: Vec3, data: Float32Array, from: Vec3, map: VoxelMap, limits: Limits): void {
  const axes = separableAxes(map);
  if (axes) alongAxes(out, to, data, from, axes, limits);
  else anywhere(out, to, data, from, map, limits);
}

/** New index t lies at `offset + scale · t` of one of the old axes. */
interface AxisMap {
  readonly axis: number;
  readonly scale: number;
  readonly offset: number;
}

/** The old axis of each new one, if the map only scales, swaps and shifts axes. */
function separableAxes(map: VoxelMap): readonly AxisMap[] | undefined {
  const axes: AxisMap[] = [];
  const constant: AxisMap[] = [];
  for (let axis = 0; axis < 3; axis++) {
    const row = map.subarray(4 * axis, 4 * axis + 3);
    const offset = map[4 * axis + 3]!;
    const target = row.findIndex((v) => v !== 0);
    if (target < 0) constant.push({ axis, scale: 0, offset });
    else if (axes[target] || row.some((v, column) => v !== 0 && column !== target)) return undefined;
    else axes[target] = { axis, scale: row[target]!, offset };
  }
  // An old axis at a constant place goes with a new axis that moves along none.
  return [0, 1, 2].map((target) => axes[target] ?? constant.pop()!);
}

/** Cubic interpolation axis by axis: 4 taps along each, where {@link anywhere} needs 64. */
function alongAxes(out: Float32Array, to: Vec3, data: Float32Array, from: Vec3, axes: readonly AxisMap[], limits: Limits): void {
  const ranges = axes.map(({ axis, scale, offset }, target) =>
    rangeInside(Float64Array.of(scale, 0, 0, offset, ...ALONG_NONE), [from[axis]!, 1, 1], to[target]!, 0, 0),
  );
  const start = ranges.map(([first]) => first) as unknown as Vec3;
  const size = ranges.map(([first, end]) => end - first) as unknown as Vec3;
  if (size.includes(0)) return;
  const inOrder = axes.every(({ axis }, target) => axis === target);
  const order = axes.map(({ axis }) => ({ axis, reversed: false }));
  let voxels = inOrder ? data : rearrangeVoxels(data, from, order);
  let inner = 1;
  axes.forEach(({ axis, scale, offset }, target) => {
    const n = from[axis]!;
    const count = size[target]!;
    const unchanged = scale === 1 && offset === 0 && count === n;
    if (!unchanged) voxels = splineAxis(voxels, inner, n, tapsAt(n, scale, offset, start[target]!, count));
    inner *= count;
  });
  // A map that changed nothing along any axis would have been integer, so these voxels are no longer the volume's own.
  limit(voxels, limits);
  copyBox({ data: voxels, shape: size, start: [0, 0, 0] }, { data: out, shape: to, start }, size);
}

// Two rows of a map that stay at voxel 0.
const ALONG_NONE = [0, 0, 0, 0, 0, 0, 0, 0];

function limit(voxels: Float32Array, { low, high }: Limits): void {
  if (low === -Infinity && high === Infinity) return;
  for (let v = 0; v < voxels.length; v++) voxels[v] = Math.max(low, Math.min(voxels[v]!, high));
}

/** Cubic interpolation at any points: 64 coefficients each. */
function anywhere(out: Float32Array, to: Vec3, data: Float32Array, from: Vec3, map: VoxelMap, limits: Limits): void {
  const coefficients = paddedCoefficients(data, from);
  eachRunInside(map, from, to, (o, end, x, y, z) => cubicRun(out, o, end, coefficients, from, x, y, z, map, limits));
}

function cubicRun(
  out: Float32Array,
  o: number,
  end: number,
  data: Float32Array,
  [ni, nj, nk]: Vec3,
  x0: number,
  y0: number,
  z0: number,
  map: VoxelMap,
  { low, high }: Limits,
): void {
  const dx = map[0]!;
  const dy = map[4]!;
  const dz = map[8]!;
  const line = ni + 3;
  const plane = line * (nj + 3);
  const weights = new Float64Array(4);
  for (let t = 0; o < end; o++, t++) {
    const x = kept(x0 + dx * t, ni - 1);
    const y = kept(y0 + dy * t, nj - 1);
    const z = kept(z0 + dz * t, nk - 1);
    const xi = x | 0;
    const yi = y | 0;
    const zi = z | 0;
    const u = x - xi;
    const v = y - yi;
    const w = z - zi;
    const a = far(u);
    const b = near(u);
    const c = near(1 - u);
    const d = far(1 - u);
    const e = far(v);
    const f = near(v);
    const g = near(1 - v);
    const h = far(1 - v);
    weights[0] = far(w);
    weights[1] = near(w);
    weights[2] = near(1 - w);
    weights[3] = far(1 - w);
    // One coefficient was put before the first: the four around a point begin at its integer part.
    let p = xi + line * yi + plane * zi;
    let value = 0;
    for (let n = 0; n < 4; n++, p += plane) {
      const q = p + line;
      const r = q + line;
      const s = r + line;
      value +=
        weights[n]! *
        (e * (a * data[p]! + b * data[p + 1]! + c * data[p + 2]! + d * data[p + 3]!) +
          f * (a * data[q]! + b * data[q + 1]! + c * data[q + 2]! + d * data[q + 3]!) +
          g * (a * data[r]! + b * data[r + 1]! + c * data[r + 2]! + d * data[r + 3]!) +
          h * (a * data[s]! + b * data[s + 1]! + c * data[s + 2]! + d * data[s + 3]!));
    }
    out[o] = value < low ? low : value > high ? high : value;
  }
}

// The cubic B-spline at distance 1 + u and at distance u, 0 ≤ u ≤ 1.
const far = (u: number) => ((1 - u) * (1 - u) * (1 - u)) / 6;
const near = (u: number) => 2 / 3 - u * u * (1 - u / 2);

/** Spline coefficients with one mirrored one before and two after along each axis, so that no point needs a case of its own. */
function paddedCoefficients(data: Float32Array, [ni, nj, nk]: Vec3): Float32Array {
  const alongI = splineAxis(data, 1, ni, tapsOfCoefficients(ni));
  const alongJ = splineAxis(alongI, ni + 3, nj, tapsOfCoefficients(nj));
  return splineAxis(alongJ, (ni + 3) * (nj + 3), nk, tapsOfCoefficients(nk));
}
