import type { Tensor } from "../backend/backend.js";
import { GadoliniteError } from "../core/errors.js";
import type { Predictor } from "./predictor.js";
import { scratch } from "./scratch.js";

export interface MirroredOptions {
  /** Axes along which patches are flipped: 0 is i, 1 is j, 2 is k. Default all three. */
  readonly axes?: readonly (0 | 1 | 2)[];
}

/**
 * A predictor that averages over mirror images: the mean over all 2ⁿ subsets of n axes of unflip(prediction(flip(patches))). It takes
 * 2ⁿ times as long.
 *
 * Sums are in float64, so that the identity predictor mirrored is the identity, exactly.
 *
 * @throws `out-of-range` if an axis is none of 0, 1, 2, or given twice; the predictor it gives throws `bad-model` if the outputs differ in size
 * @see Bône et al. 2022, "Inference" (8 flips); nnU-Net's mirroring is the same
 * @example
 * const restored = await slidingWindow([pre, low], mirrored(predictor), { window: [96, 96, 96] });
 */
export function mirrored(predictor: Predictor, { axes = [0, 1, 2] }: MirroredOptions = {}): Predictor {
  if (axes.some((axis) => ![0, 1, 2].includes(axis)) || new Set(axes).size !== axes.length)
    throw new GadoliniteError("out-of-range", `axes must be different ones of 0 (i), 1 (j), 2 (k), but are [${axes}].`);
  const subsets = Array.from({ length: 2 ** axes.length }, (_, subset) => axes.filter((_, n) => (subset >> n) & 1));

  const images = scratch((length) => new Float32Array(length));
  const sums = scratch((length) => new Float64Array(length));
  return async (patches, signal) => {
    const image = { dims: patches.dims, data: images.take(patches.data.length) };
    let total: { readonly dims: readonly number[]; readonly sum: Float64Array<ArrayBuffer> } | undefined;
    for (const along of subsets) {
      if (along.length > 0) flipInto(image, patches, along);
      const output = await predictor(along.length > 0 ? image : patches, signal);
      total ??= { dims: [...output.dims], sum: sums.take(output.data.length).fill(0) };
      checkSameDims(total.dims, output);
      addFlipped(total.sum, output, along);
    }
    const { dims, sum } = total!;
    const data = new Float32Array(sum.length);
    for (let v = 0; v < data.length; v++) data[v] = sum[v]! / subsets.length;
    images.give(image.data);
    sums.give(sum);
    return { dims, data };
  };
}

/** Throws `bad-model` if an output has other dimensions than the first. */
export function checkSameDims(dims: readonly number[], output: Tensor): void {
  if (dims.join() !== output.dims.join() || output.data.length !== dims.reduce((product, n) => product * n, 1))
    throw new GadoliniteError(
      "bad-model",
      `Predictions to be averaged must be of one size, but one is [${dims.join(", ")}] and another [${output.dims.join(", ")}] with ${output.data.length} values.`,
    );
}

function flipInto({ data: to }: Tensor, { dims, data: from }: Tensor, along: readonly number[]): void {
  const ni = dims.at(-1)!;
  const flipI = along.includes(0);
  eachRow(dims, along, (row, mirror) => {
    if (flipI) for (let i = 0; i < ni; i++) to[row + i] = from[mirror + ni - 1 - i]!;
    else to.set(from.subarray(mirror, mirror + ni), row);
  });
}

function addFlipped(sum: Float64Array, { dims, data }: Tensor, along: readonly number[]): void {
  const ni = dims.at(-1)!;
  const flipI = along.includes(0);
  eachRow(dims, along, (row, mirror) => {
    if (flipI) for (let i = 0; i < ni; i++) sum[row + i]! += data[mirror + ni - 1 - i]!;
    else for (let i = 0; i < ni; i++) sum[row + i]! += data[mirror + i]!;
  });
}

/** For each row along i: where it begins, and where its mirror image along j and k does. */
function eachRow(dims: readonly number[], along: readonly number[], visit: (row: number, mirror: number) => void): void {
  const [n, channels, nk, nj, ni] = dims as [number, number, number, number, number];
  const flipJ = along.includes(1);
  const flipK = along.includes(2);
  for (let image = 0, row = 0; image < n * channels; image++)
    for (let k = 0; k < nk; k++)
      for (let j = 0; j < nj; j++, row += ni)
        visit(row, ni * ((flipJ ? nj - 1 - j : j) + nj * ((flipK ? nk - 1 - k : k) + nk * image)));
}
