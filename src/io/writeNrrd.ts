import type { Volume, VoxelArray } from "../core/volume.js";
import { checkOneOf } from "../internal/check.js";
import { bytesOf, checkPlainName, type DetachedFile, dtypeOf, encodeVolume, joined } from "./encodeVolume.js";
import type { WritableDtype } from "./encodeVoxels.js";
import { type Compress, gzipBytes } from "./gzipBytes.js";
import { stepsOf } from "./lpsAffine.js";
import { SIGNS } from "./nrrdGrid.js";
import type { NrrdEncoding } from "./nrrdHeader.js";
import { hexText, voxelText } from "./textVoxels.js";

export interface WriteNrrdOptions {
  /** How voxels are stored. Default: the type of the volume's array. */
  readonly dtype?: WritableDtype;
  /** Default `raw`. */
  readonly encoding?: NrrdEncoding;
  /** Order of the bytes of a voxel. Default true. */
  readonly littleEndian?: boolean;
  /** The space in which directions and origin are written; RAS+ is turned into it. Default that of ITK and Slicer. */
  readonly space?: "left-posterior-superior" | "right-anterior-superior" | "left-anterior-superior";
}

export interface WriteDetachedNrrdOptions extends WriteNrrdOptions {
  /** Name of the file that will hold the voxels, beside the header: no folder in it. */
  readonly dataFile: string;
}

/**
 * Writes a volume as a NRRD file, header and voxels in one. Directions and origin are written with all their digits: reading gives
 * the affine back exactly. Voxels stored as integers are rounded, halves to even.
 *
 * @returns the bytes of the file
 * @throws `out-of-range` if a voxel, rounded, does not fit the integer type (NaN never does), or an option is none
 * @see Definition of NRRD file format, https://teem.sourceforge.net/nrrd/format.html
 * @example
 * const bytes = await writeNrrd(volume, { dtype: "int16", encoding: "gzip" });
 */
export async function writeNrrd(volume: Volume<VoxelArray>, options: WriteNrrdOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  return joined(await nrrdParts(volume, options, undefined, gzipBytes));
}

/**
 * As {@link writeNrrd}, in two files: the header (.nhdr), which names the other, and the voxels.
 *
 * @returns `{ header, data }`, the bytes of the two files
 * @throws `out-of-range` as `writeNrrd`, and if `dataFile` is no plain name
 * @see Definition of NRRD file format, https://teem.sourceforge.net/nrrd/format.html
 * @example
 * const { header, data } = await writeDetachedNrrd(volume, { dataFile: "t1.raw" });
 */
export async function writeDetachedNrrd(
  volume: Volume<VoxelArray>,
  { dataFile, ...options }: WriteDetachedNrrdOptions,
): Promise<DetachedFile> {
  checkPlainName(dataFile);
  return nrrdParts(volume, options, dataFile, gzipBytes);
}

/** Header and voxels, the former naming a data file or not; `compress` makes gzip. */
export async function nrrdParts(
  volume: Volume<VoxelArray>,
  options: WriteNrrdOptions,
  dataFile: string | undefined,
  compress: Compress,
): Promise<DetachedFile> {
  const { dtype = dtypeOf(volume.data), encoding = "raw", littleEndian = true, space = "left-posterior-superior" } = options;
  checkOneOf("encoding", encoding, ["raw", "gzip", "ascii", "hex"]);
  checkOneOf("space", space, ["left-posterior-superior", "right-anterior-superior", "left-anterior-superior"]);
  const voxels = encodeVolume(volume, dtype);
  const { steps, origin } = stepsOf(volume.grid, SIGNS[space]!);
  const header = [
    "NRRD0004",
    `type: ${{ float32: "float", float64: "double" }[dtype as string] ?? dtype}`,
    "dimension: 3",
    `space: ${space}`,
    `sizes: ${volume.grid.shape.join(" ")}`,
    `space directions: ${steps.map((step) => `(${step.join(",")})`).join(" ")}`,
    "kinds: domain domain domain",
    `endian: ${littleEndian ? "little" : "big"}`,
    `encoding: ${encoding}`,
    `space origin: (${origin.join(",")})`,
    ...(dataFile === undefined ? ["", ""] : [`data file: ${dataFile}`, ""]),
  ].join("\n");
  const data = async () => {
    if (encoding === "ascii") return voxelText(voxels, volume.grid.shape[0]);
    const bytes = bytesOf(voxels, dtype, littleEndian);
    return encoding === "gzip" ? compress(bytes) : encoding === "hex" ? hexText(bytes) : bytes;
  };
  return { header: new TextEncoder().encode(header), data: await data() };
}
