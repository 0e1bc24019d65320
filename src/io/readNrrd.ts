import { GadoliniteError } from "../core/errors.js";
import type { Volume } from "../core/volume.js";
import { type ByteSource, openBytes } from "./byteSource.js";
import { type DetachedData, type ReadDetachedOptions, readEncoded, voxelBytes } from "./detached.js";
import { nrrdGrid } from "./nrrdGrid.js";
import { endsNrrdHeader, type NrrdHeader, parseNrrdHeader } from "./nrrdHeader.js";
import { expectFormat, HEAD_BYTES } from "./recognise.js";
import { readHeaderLines } from "./textHeader.js";

export type ReadNrrdOptions = ReadDetachedOptions;

export interface ReadNrrdResult {
  /** The voxels as float32; the affine in mm, RAS+. */
  readonly volume: Volume;
  readonly header: NrrdHeader;
}

/**
 * Reads a NRRD image: header and voxels in one file, or a detached header with the content of its data file as the option `data`;
 * raw, gzip, text or hexadecimal, of either byte order.
 *
 *     affine = S · [space directions | space origin]        (S turns the named space into RAS+: diag(−1, −1, 1) for LPS)
 *
 * Spaces that are not anatomical, and files without any, count as LPS, as ITK takes them. Axes that are not of space may have one
 * voxel, or come last: `volumeIndex` then chooses. Sizes are checked against the bytes that are there, and against `maxBytes`,
 * before memory is taken. A file that the header names is never opened.
 *
 * @param bytes the whole file, or the whole header; may share memory with others, is not kept
 * @returns volume (float32, i fastest) and what the header says. 1-D and 2-D images get axes of one voxel.
 * @throws `bad-file` if it is damaged, cut short, or larger than `maxBytes`; `unsupported` for another format, bzip2, blocks, colours or
 *   vectors, voxels spread over files, a detached header without `data`, several volumes without `volumeIndex`; `out-of-range` for a
 *   `volumeIndex` that is not there; `aborted`
 * @see Definition of NRRD file format, https://teem.sourceforge.net/nrrd/format.html
 * @example
 * const { volume } = await readNrrd(header, { data: raw });
 */
export async function readNrrd(bytes: Uint8Array, options: ReadNrrdOptions = {}): Promise<ReadNrrdResult> {
  const source = openBytes(bytes, options);
  try {
    return await readNrrdFrom(source, options);
  } finally {
    await source.close();
  }
}

/** As {@link readNrrd}, from bytes of which some may have been peeked at; `open` gives the content of a data file. */
export async function readNrrdFrom(source: ByteSource, options: ReadNrrdOptions, open?: DetachedData): Promise<ReadNrrdResult> {
  expectFormat("nrrd", await source.peek(HEAD_BYTES));
  const { lines, ended } = await readHeaderLines(source, endsNrrdHeader);
  const header = parseNrrdHeader(lines, ended);
  const { grid, more } = nrrdGrid(header);
  const { encoding, dtype, littleEndian, dataFile } = header;
  const coding = { encoding, lineSkip: skipOf(header, "line skip"), byteSkip: skipOf(header, "byte skip") };
  const from = await voxelBytes(source, dataFile, options, open);
  return { volume: await readEncoded(from, { grid, more, dtype, littleEndian }, coding, options), header };
}

function skipOf({ fields }: NrrdHeader, field: string): number {
  const text = fields[field];
  if (text === undefined) return 0;
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new GadoliniteError("bad-file", `The header's ${field} must be a whole number, but is "${text.slice(0, 80)}".`);
}
