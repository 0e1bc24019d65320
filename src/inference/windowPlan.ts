import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import { checkNonNegativeInteger, checkOneOf, checkPositiveInteger } from "../internal/check.js";

/** Which convention places the windows, and shapes their Gaussian weights. */
export type WindowPlacement = "nnunet" | "monai";

export interface WindowPlanOptions {
  /** Voxels of a window along i, j, k. A 2-D network has 1 along one axis. */
  readonly window: Vec3;
  /** Fraction of a window that its neighbour shares at least (`"nnunet"`) or about (`"monai"`), 0 up to but not 1. Default 0.5. */
  readonly overlap?: number;
  /** Default `"nnunet"`. */
  readonly placement?: WindowPlacement;
  /**
   * Voxels at the sides of a window whose prediction isn't used, but at the ends of the volume, where there is none other; 0 or more, less than half
   * of each side that the windows repeat along. Windows overlap by twice as many at least. Default 0.
   */
  readonly marginVoxels?: number;
  /**
   * Windows begin a multiple of these voxels apart, counted from where the one window of the whole volume (`wholeWindow`) begins, so that a
   * network that pools by these sees the same cells in all of them. Sides of the window must be multiples of these. Default [1, 1, 1].
   */
  readonly alignedTo?: Vec3;
}

/** Where windows begin, in voxels of the volume: every combination of a start along i, j and k is a window. */
export interface WindowPlan {
  readonly window: Vec3;
  readonly marginVoxels: number;
  /**
   * Rising. Along an axis where the volume is smaller than the window there is one start, ≤ 0: the padding stands on both sides.
   * Aligned windows may begin before the volume, and end beyond it.
   */
  readonly starts: readonly [readonly number[], readonly number[], readonly number[]];
  /** Number of windows. */
  readonly count: number;
}

/**
 * Covers a volume with equal windows that overlap. Along an axis of L voxels, with windows of P:
 *
 * - `"nnunet"` spreads them evenly: n = ⌈(L − P) / (P · (1 − overlap))⌉ + 1, start_m = round(m · (L − P) / (n − 1)), half to even.
 *   Steps of less than a voxel, which would give the same window twice, become one voxel.
 * - `"monai"` takes steps of ⌊P · (1 − overlap)⌋, at least 1, until the end is reached, and shifts the last window back into the volume.
 *
 * Where L < P one window stands centred: ⌊(P − L) / 2⌋ voxels of padding below, the rest above. With `alignedTo` d the same is done in units of d
 * voxels for a volume of ⌈L / d⌉ · d, whose padding is centred likewise.
 *
 * @param shape the volume's voxels along i, j, k
 * @throws `out-of-range` if a size is no positive integer, `overlap` not within [0, 1), a window no multiple of `alignedTo`, or margins leave
 *   nothing of a window
 * @see nnU-Net v1 (Isensee et al. 2021, Nat Methods), `_compute_steps_for_sliding_window`; MONAI, `dense_patch_slices`
 * @example
 * windowPlan([240, 240, 1], { window: [128, 160, 1] }).starts; // [[0, 56, 112], [0, 80], [0]]
 */
export function windowPlan(
  shape: Vec3,
  { window, overlap = 0.5, placement = "nnunet", marginVoxels = 0, alignedTo = [1, 1, 1] }: WindowPlanOptions,
): WindowPlan {
  checkOneOf("placement", placement, ["nnunet", "monai"]);
  checkTriple("shape", shape);
  checkTriple("window", window);
  checkTriple("alignedTo", alignedTo);
  if (!(overlap >= 0 && overlap < 1))
    throw new GadoliniteError("out-of-range", `overlap must be 0 or more and less than 1, but is ${overlap}.`);
  checkNonNegativeInteger("marginVoxels", marginVoxels);
  const place = placement === "nnunet" ? evenStarts : regularStarts;
  const along = (axis: 0 | 1 | 2) => {
    const [length, size, unit] = [shape[axis], window[axis], alignedTo[axis]];
    const padded = Math.ceil(length / unit) * unit;
    if (size % unit !== 0)
      throw new GadoliniteError(
        "out-of-range",
        `Windows aligned to [${alignedTo}] must be multiples of it, but are [${window}].`,
      );
    if (size >= padded) return [0 - Math.floor((size - length) / 2)];
    const longestStep = Math.floor((size - 2 * marginVoxels) / unit);
    if (longestStep < 1)
      throw new GadoliniteError(
        "out-of-range",
        `Windows of [${window}] with margins of ${marginVoxels} voxels leave nothing to step by; take larger windows.`,
      );
    const first = 0 - Math.floor((padded - length) / 2);
    return place(padded / unit, size / unit, overlap, longestStep).map((start) => first + start * unit);
  };
  const starts = [along(0), along(1), along(2)] as const;
  const count = starts[0].length * starts[1].length * starts[2].length;
  return { window: [window[0], window[1], window[2]], marginVoxels, starts, count };
}

/** A step is no longer than `longestStep`, an integer, so that rounding doesn't make it so either. */
function evenStarts(length: number, size: number, overlap: number, longestStep: number): number[] {
  // (L − P) / (P · 0.1) must not become one window more by rounding, as 1 − 0.9 is a little less than 0.1.
  const wanted = Math.ceil((length - size) / Math.min(longestStep, size * (1 - overlap)) - 1e-9);
  const steps = Math.min(length - size, wanted);
  return Array.from({ length: steps + 1 }, (_, m) => roundHalfToEven(((length - size) / steps) * m));
}

function regularStarts(length: number, size: number, overlap: number, longestStep: number): number[] {
  const step = Math.min(longestStep, Math.max(1, Math.trunc(size * (1 - overlap))));
  const starts: number[] = [];
  for (let start = 0; start + size < length; start += step) starts.push(start);
  return [...starts, length - size];
}

function roundHalfToEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

export interface WholeWindowOptions {
  /** Each side becomes a multiple of these. Default [1, 1, 1]. */
  readonly divisibleBy?: Vec3;
}

/**
 * The one window that takes in a whole volume: its shape, rounded up to what the network can divide.
 *
 * @throws `out-of-range` if a size is no positive integer
 * @example
 * wholeWindow([182, 218, 182], { divisibleBy: [8, 8, 8] }); // [184, 224, 184]
 */
export function wholeWindow(shape: Vec3, { divisibleBy = [1, 1, 1] }: WholeWindowOptions = {}): Vec3 {
  checkTriple("shape", shape);
  checkTriple("divisibleBy", divisibleBy);
  const up = (axis: 0 | 1 | 2) => Math.ceil(shape[axis] / divisibleBy[axis]) * divisibleBy[axis];
  return [up(0), up(1), up(2)];
}

function checkTriple(name: string, sizes: Vec3): void {
  if (sizes.length !== 3) throw new GadoliniteError("out-of-range", `${name} must be three numbers, but is [${sizes}].`);
  for (const size of sizes) checkPositiveInteger(`Each side of ${name}`, size);
}
