import type { Volume } from "../core/volume.js";
import { gridOf } from "./announced.js";
import { type ByteSource, openBytes } from "./byteSource.js";
import { type DetachedData, type ReadDetachedOptions, readEncoded, voxelBytes } from "./detached.js";
import { affineOfSteps, LPS } from "./lpsAffine.js";
import { endsMetaImageHeader, type MetaImageHeader, parseMetaImageHeader } from "./metaImageHeader.js";
import { expectFormat, HEAD_BYTES } from "./recognise.js";
import { readHeaderLines } from "./textHeader.js";

export type ReadMetaImageOptions = ReadDetachedOptions;

export interface ReadMetaImageResult {
  /** The voxels as float32; the affine in mm, RAS+. */
  readonly volume: Volume;
  readonly header: MetaImageHeader;
}

/**
 * Reads a MetaImage: .mha, or the header of a .mhd with the content of its data file as the option `data`; raw, zlib or text, of either
 * byte order.
 *
 *     affine = diag(−1, −1, 1, 1) · [dᵢ·sᵢ | dⱼ·sⱼ | dₖ·sₖ | Offset]        (d: rows of TransformMatrix, s: ElementSpacing)
 *
 * The file counts in LPS; TransformMatrix lists the direction of i, then of j, then of k, as ITK writes and reads it.
 * CenterOfRotation and AnatomicalOrientation are not used, as in ITK. Sizes are checked against the bytes that are there, and against
 * `maxBytes`, before memory is taken. A file that the header names is never opened.
 *
 * @param bytes the whole file, or the whole header; may share memory with others, is not kept
 * @returns volume (float32, i fastest) and what the header says. 1-D and 2-D images get axes of one voxel.
 * @throws `bad-file` if it is damaged, cut short, or larger than `maxBytes`; `unsupported` for another format, other objects than images,
 *   several channels, an intensity function, voxels spread over files, a detached header without `data`, or several volumes
 *   without `volumeIndex`; `out-of-range` for a `volumeIndex` that is not there; `aborted`
 * @see MetaIO documentation, https://itk.org/Wiki/ITK/MetaIO/Documentation
 * @example
 * const { volume } = await readMetaImage(header, { data: raw });
 */
export async function readMetaImage(bytes: Uint8Array, options: ReadMetaImageOptions = {}): Promise<ReadMetaImageResult> {
  const source = openBytes(bytes, options);
  try {
    return await readMetaImageFrom(source, options);
  } finally {
    await source.close();
  }
}

/** As {@link readMetaImage}, from bytes of which some may have been peeked at; `open` gives the content of a data file. */
export async function readMetaImageFrom(
  source: ByteSource,
  options: ReadMetaImageOptions,
  open?: DetachedData,
): Promise<ReadMetaImageResult> {
  expectFormat("metaimage", await source.peek(HEAD_BYTES));
  const { lines, ended } = await readHeaderLines(source, endsMetaImageHeader);
  const header = parseMetaImageHeader(lines, ended);
  const { dims, spacing, transformMatrix, offset, dtype, littleEndian, encoding, dataFile, headerSize, compressedBytes } = header;
  const axes = Math.min(3, dims.length);
  const steps = Array.from({ length: axes }, (_, axis) =>
    transformMatrix.slice(axis * dims.length, axis * dims.length + axes).map((v) => v * spacing[axis]!),
  );
  const grid = gridOf(
    [0, 1, 2].map((axis) => dims[axis] ?? 1),
    affineOfSteps(steps, offset.slice(0, axes), LPS),
  );
  const from = await voxelBytes(source, dataFile, options, open);
  const announced = { grid, more: dims.slice(3), dtype, littleEndian };
  return { volume: await readEncoded(from, announced, { encoding, byteSkip: headerSize, compressedBytes }, options), header };
}
