import { GadoliniteError } from "../core/errors.js";
import { type Affine, type Grid, spacingMm, type Vec3, voxelCount } from "../core/grid.js";
import type { TaskOptions } from "../core/progress.js";
import type { Volume } from "../core/volume.js";
import { applyAffine, composeAffine } from "../geometry/affine.js";
import { resample } from "../geometry/resample.js";
import { breathe } from "../internal/breathe.js";
import { checkFiniteNumber, checkFiniteVoxels, checkNotAborted, checkPositiveInteger, checkSameGrid } from "../internal/check.js";
import type { Predictor } from "./predictor.js";

export interface MultiPlanarOptions extends TaskOptions {
  /** Neighbouring slices of each volume that the predictor gets, an odd number. Default 7 (Pasumarthi et al. 2021). */
  readonly slices?: number;
  /** Angles in degrees by which the volume is turned in its plane of j and k. Default [0, 18, 36, 54, 72] (Pasumarthi et al. 2021). */
  readonly anglesDeg?: readonly number[];
  /** Axes across which slices are taken: 2 (k), 1 (j), 0 (i). Default all three. */
  readonly axes?: readonly (0 | 1 | 2)[];
  /** Both sides of a slice are padded to a multiple of this, in equal parts, with 0. Default 8, for networks of three poolings. */
  readonly divisibleBy?: number;
  /** Slices that the predictor gets at a time; the last call of a plane may bring fewer. Default 1. */
  readonly batch?: number;
}

/**
 * Restores a volume with a 2.5-D network, slice by slice, in several planes, and averages: the volume is turned about its axis i by each angle, cut
 * into slices across each axis, and the predictions of the middle slices are put together and turned back.
 *
 *     x̂(v) = mean over angles and axes of (turn back ∘ predict slices ∘ turn)(volumes)(v)
 *
 * The predictor gets patches [batch, volume · slices, 1, rows, columns]: of the first volume the slices from before to behind, then of the next; at
 * the ends the last slice is repeated. Rows run along the slower of the two axes of the slice (k before j before i). Turned grids hold the whole
 * volume. Interpolation is linear, there and back; a voxel for which it would need what lies outside of the volume is left out of that angle's part
 * of the mean, so a constant comes back as that constant, and angle 0 gives every voxel without interpolation. Between calls the event loop
 * breathes, progress is told (stage `"slices"`) and `signal` is looked at. Takes some 40 bytes a voxel besides the turned volumes.
 *
 * @param volumes on one grid; finite
 * @param predictor must give one channel of the patches' size: the middle slice
 * @returns a new volume on that grid; NaN where no angle reaches, which are some voxels of the border if 0 is not among the angles
 * @throws `grid-mismatch` if the grids differ; `out-of-range` for no volume, NaN or infinite voxels, or options out of range; `bad-model` if the
 *   predictor gives other dimensions, or NaN or infinite values; `aborted`; and what the predictor throws
 * @see Pasumarthi et al. 2021, Magn Reson Med 86:1687, "multi-planar reformat": 3 planes × 5 angles; that the turning axis is the slices' row axis,
 *   and that turned grids are enlarged, is how their public code does it. (It averages strictly positive predictions only, and clips at 0.)
 * @example
 * const restored = await multiPlanar([pre, low], predictor(session, card), { batch: 8 });
 */
export async function multiPlanar(
  volumes: readonly Volume[],
  predictor: Predictor,
  {
    slices = 7,
    anglesDeg = [0, 18, 36, 54, 72],
    axes = [2, 1, 0],
    divisibleBy = 8,
    batch = 1,
    signal,
    onProgress,
  }: MultiPlanarOptions = {},
): Promise<Volume> {
  const grid = checked(volumes, { slices, anglesDeg, axes, divisibleBy, batch });
  const views = anglesDeg.map((angle) => (angle === 0 ? grid : turnedGrid(grid, angle)));
  const total = views.reduce((sum, { shape }) => sum + axes.reduce<number>((all, axis) => all + shape[axis], 0), 0);
  const sum = new Float64Array(voxelCount(grid));
  const counts = new Uint32Array(sum.length);
  let done = 0;
  let breath = performance.now();
  for (const view of views) {
    checkNotAborted(signal);
    const turned = view === grid ? volumes : volumes.map((v) => resample(v, view, { interpolation: "linear", outside: NaN }));
    const inside = view === grid ? undefined : takeOutside(turned);
    const planes = new Float64Array(voxelCount(view));
    for (const axis of axes) {
      const run = sliceRun(turned, axis, { slices, divisibleBy, batch });
      for (let first = 0; first < view.shape[axis]; first += batch) {
        const n = Math.min(batch, view.shape[axis] - first);
        const output = await predictor(run.patches(first, n), signal);
        checkNotAborted(signal);
        run.add(planes, output.data, checkedDims(output, run.dims(n)), first, n);
        done += n;
        onProgress?.({ done, total, stage: "slices" });
        if (performance.now() - breath > BREATH_MS) {
          await breathe(signal);
          breath = performance.now();
        }
      }
    }
    addTurnedBack(sum, counts, { grid: view, data: meanOf(planes, axes.length, inside) }, grid);
  }
  const data = new Float32Array(sum.length);
  for (let v = 0; v < data.length; v++) data[v] = sum[v]! / counts[v]!;
  return { grid, data };
}

/** Often enough for a progress bar and a cancel button; a browser's timers take 4 ms. */
const BREATH_MS = 50;

type Checked = Required<Pick<MultiPlanarOptions, "slices" | "anglesDeg" | "axes" | "divisibleBy" | "batch">>;

function checked(volumes: readonly Volume[], { slices, anglesDeg, axes, divisibleBy, batch }: Checked): Grid {
  const [first, ...others] = volumes;
  if (!first) throw new GadoliniteError("out-of-range", "Give at least one volume, whose slices the predictor gets.");
  checkSameGrid(first.grid, ...others.map(({ grid }) => grid));
  volumes.forEach(({ data }, n) => checkFiniteVoxels(`Volume ${n}`, data));
  for (const [name, value] of Object.entries({ slices, divisibleBy, batch })) checkPositiveInteger(name, value);
  if (slices % 2 === 0)
    throw new GadoliniteError("out-of-range", `slices must be odd, so that one is in the middle, but is ${slices}.`);
  if (anglesDeg.length === 0) throw new GadoliniteError("out-of-range", "Give at least one angle, e.g. anglesDeg: [0].");
  for (const angle of anglesDeg) checkFiniteNumber("Each angle", angle);
  if (axes.length === 0 || axes.some((axis) => ![0, 1, 2].includes(axis)) || new Set(axes).size !== axes.length)
    throw new GadoliniteError("out-of-range", `axes must be different ones of 0 (i), 1 (j), 2 (k), but are [${axes}].`);
  return first.grid;
}

/** The grid turned about its axis i, around the middle of the volume, with as many more voxels along j and k as hold all of it. */
function turnedGrid({ shape, affine }: Grid, angleDeg: number): Grid {
  const [, mmJ, mmK] = spacingMm({ shape, affine });
  const angle = (angleDeg * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [lengthJ, lengthK] = [shape[1] * mmJ, shape[2] * mmK];
  const along = (cosine: number, sine: number) => Math.abs(cosine) + Math.abs(sine);
  const size: Vec3 = [
    shape[0],
    Math.ceil(along(lengthJ * cos, lengthK * sin) / mmJ - 1e-6),
    Math.ceil(along(lengthJ * sin, lengthK * cos) / mmK - 1e-6),
  ];
  // New voxel → old voxel: from the middle, j and k turned in mm, to the middle.
  const turn: Affine = Float64Array.of(1, 0, 0, 0, 0, cos, (-sin * mmK) / mmJ, 0, 0, (sin * mmJ) / mmK, cos, 0, 0, 0, 0, 1);
  const middle = ([ni, nj, nk]: Vec3): Vec3 => [(ni - 1) / 2, (nj - 1) / 2, (nk - 1) / 2];
  const from = applyAffine(turn, middle(size));
  const to = middle(shape);
  const toOld = Float64Array.from(turn);
  for (const axis of [0, 1, 2] as const) toOld[4 * axis + 3] = to[axis] - from[axis];
  return { shape: size, affine: composeAffine(affine, toOld) };
}

/** Notes which voxels hold something of the volume, and makes the others 0, the background. */
function takeOutside(turned: readonly Volume[]): Uint8Array {
  const inside = Uint8Array.from(turned[0]!.data, (v) => (Number.isNaN(v) ? 0 : 1));
  for (const { data } of turned) for (let v = 0; v < data.length; v++) if (inside[v] === 0) data[v] = 0;
  return inside;
}

function meanOf(sums: Float64Array, count: number, inside: Uint8Array | undefined): Float32Array {
  const mean = new Float32Array(sums.length);
  for (let v = 0; v < mean.length; v++) mean[v] = inside?.[v] === 0 ? NaN : sums[v]! / count;
  return mean;
}

/** Linear interpolation spreads NaN to all voxels that it would need it for: these are left out. */
function addTurnedBack(sum: Float64Array, counts: Uint32Array, view: Volume, grid: Grid): void {
  const { data } = view.grid === grid ? view : resample(view, grid, { interpolation: "linear", outside: NaN });
  for (let v = 0; v < sum.length; v++)
    if (!Number.isNaN(data[v]!)) {
      sum[v]! += data[v]!;
      counts[v]!++;
    }
}

interface SliceRun {
  dims(n: number): readonly number[];
  patches(first: number, n: number): { readonly dims: readonly number[]; readonly data: Float32Array };
  /** Adds the predictions of n slices from number `first` to the volume. */
  add(planes: Float64Array, output: Float32Array, size: number, first: number, n: number): void;
}

/** The slices across one axis as patches, and back. */
function sliceRun(
  volumes: readonly Volume[],
  axis: 0 | 1 | 2,
  { slices, divisibleBy, batch }: Omit<Checked, "anglesDeg" | "axes">,
): SliceRun {
  const { shape } = volumes[0]!.grid;
  const strides: Vec3 = [1, shape[0], shape[0] * shape[1]];
  const [column, row] = ([0, 1, 2] as const).filter((other) => other !== axis) as [0 | 1, 1 | 2];
  const padded = (length: number) => Math.ceil(length / divisibleBy) * divisibleBy;
  const [columns, rows] = [padded(shape[column]), padded(shape[row])];
  const before = Math.floor((columns - shape[column]) / 2) + columns * Math.floor((rows - shape[row]) / 2);
  const size = rows * columns;
  const channels = volumes.length * slices;
  // What lies between the slice and the padded size stays 0.
  const buffer = new Float32Array(Math.min(batch, shape[axis]) * channels * size);

  return {
    dims: (n) => [n, 1, 1, rows, columns],
    patches(first, n) {
      let to = before;
      for (let m = 0; m < n; m++)
        for (const { data } of volumes)
          for (let slice = 0; slice < slices; slice++, to += size) {
            const position = first + m + slice - (slices >> 1);
            const from = Math.max(0, Math.min(shape[axis] - 1, position)) * strides[axis];
            copySlice(buffer, to, columns, data, from, strides[column], strides[row], shape[column], shape[row]);
          }
      return { dims: [n, channels, 1, rows, columns], data: buffer.subarray(0, n * channels * size) };
    },
    add(planes, output, patch, first, n) {
      for (let m = 0; m < n; m++)
        for (let r = 0; r < shape[row]; r++) {
          const to = (first + m) * strides[axis] + r * strides[row];
          const from = m * patch + before + r * columns;
          for (let c = 0; c < shape[column]; c++) planes[to + c * strides[column]]! += output[from + c]!;
        }
    },
  };
}

function copySlice(
  to: Float32Array,
  start: number,
  columns: number,
  data: Float32Array,
  from: number,
  columnStride: number,
  rowStride: number,
  width: number,
  height: number,
): void {
  for (let r = 0; r < height; r++) {
    const source = from + r * rowStride;
    const target = start + r * columns;
    for (let c = 0; c < width; c++) to[target + c] = data[source + c * columnStride]!;
  }
}

/** Throws `bad-model` unless a prediction has these dimensions and only finite values; returns the size of one slice. */
function checkedDims(
  { dims, data }: { readonly dims: readonly number[]; readonly data: Float32Array },
  expected: readonly number[],
): number {
  const length = expected.reduce((product, d) => product * d, 1);
  if (dims.join() !== expected.join() || data.length !== length)
    throw new GadoliniteError(
      "bad-model",
      `For slices the predictor must give [${expected.join(", ")}], but gave [${dims.join(", ")}] with ${data.length} values.`,
    );
  let check = 0;
  for (let v = 0; v < data.length; v++) check += data[v]!;
  if (!Number.isFinite(check))
    throw new GadoliniteError(
      "bad-model",
      "The predictor gave NaN or infinite values. Are the inputs scaled as the model's card says?",
    );
  return length / expected[0]!;
}
