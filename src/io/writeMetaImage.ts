import type { Volume, VoxelArray } from "../core/volume.js";
import { checkOneOf } from "../internal/check.js";
import { bytesOf, checkPlainName, type DetachedFile, dtypeOf, encodeVolume, joined } from "./encodeVolume.js";
import type { WritableDtype } from "./encodeVoxels.js";
import { type Compress, gzipBytes } from "./gzipBytes.js";
import { directionsOf, LPS } from "./lpsAffine.js";
import type { MetaImageHeader } from "./metaImageHeader.js";
import { voxelText } from "./textVoxels.js";

export interface WriteMetaImageOptions {
  /** How voxels are stored. Default: the type of the volume's array. */
  readonly dtype?: WritableDtype;
  /** Default `raw`. */
  readonly encoding?: MetaImageHeader["encoding"];
  /** Order of the bytes of a voxel. Default true. */
  readonly littleEndian?: boolean;
}

export interface WriteDetachedMetaImageOptions extends WriteMetaImageOptions {
  /** Name of the file that will hold the voxels, beside the header: no folder in it. */
  readonly dataFile: string;
}

/**
 * Writes a volume as a MetaImage of one file (.mha), in LPS as ITK does. Voxels stored as integers are rounded, halves to even.
 *
 * @returns the bytes of the file
 * @throws `out-of-range` if a voxel, rounded, does not fit the integer type (NaN never does), or an option is none
 * @see MetaIO documentation, https://itk.org/Wiki/ITK/MetaIO/Documentation
 * @example
 * const bytes = await writeMetaImage(volume, { encoding: "zlib" });
 */
export async function writeMetaImage(
  volume: Volume<VoxelArray>,
  options: WriteMetaImageOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return joined(await metaImageParts(volume, options, "LOCAL", gzipBytes));
}

/**
 * As {@link writeMetaImage}, in two files: the header (.mhd), which names the other, and the voxels.
 *
 * @returns `{ header, data }`, the bytes of the two files
 * @throws `out-of-range` as `writeMetaImage`, and if `dataFile` is no plain name
 * @see MetaIO documentation, https://itk.org/Wiki/ITK/MetaIO/Documentation
 * @example
 * const { header, data } = await writeDetachedMetaImage(volume, { dataFile: "t1.raw" });
 */
export async function writeDetachedMetaImage(
  volume: Volume<VoxelArray>,
  { dataFile, ...options }: WriteDetachedMetaImageOptions,
): Promise<DetachedFile> {
  checkPlainName(dataFile);
  return metaImageParts(volume, options, dataFile, gzipBytes);
}

const TYPES: Readonly<Record<WritableDtype, string>> = {
  ...{ uint8: "MET_UCHAR", int8: "MET_CHAR", int16: "MET_SHORT", uint16: "MET_USHORT", int32: "MET_INT", uint32: "MET_UINT" },
  ...{ float32: "MET_FLOAT", float64: "MET_DOUBLE" },
};

/** Header and voxels, the former naming a data file or LOCAL; `compress` makes zlib. */
export async function metaImageParts(
  volume: Volume<VoxelArray>,
  { dtype = dtypeOf(volume.data), encoding = "raw", littleEndian = true }: WriteMetaImageOptions,
  dataFile: string,
  compress: Compress,
): Promise<DetachedFile> {
  checkOneOf("encoding", encoding, ["raw", "zlib", "ascii"]);
  const voxels = encodeVolume(volume, dtype);
  const { spacing, directions, origin } = directionsOf(volume.grid, LPS);
  const content = async () => {
    if (encoding === "ascii") return voxelText(voxels, volume.grid.shape[0]);
    const bytes = bytesOf(voxels, dtype, littleEndian);
    return encoding === "zlib" ? compress(bytes, "deflate") : bytes;
  };
  const data = await content();
  const flag = (value: boolean) => (value ? "True" : "False");
  const header = [
    "ObjectType = Image",
    "NDims = 3",
    `BinaryData = ${flag(encoding !== "ascii")}`,
    `BinaryDataByteOrderMSB = ${flag(!littleEndian)}`,
    `CompressedData = ${flag(encoding === "zlib")}`,
    ...(encoding === "zlib" ? [`CompressedDataSize = ${data.length}`] : []),
    `TransformMatrix = ${directions.flat().join(" ")}`,
    `Offset = ${origin.join(" ")}`,
    "CenterOfRotation = 0 0 0",
    `ElementSpacing = ${spacing.join(" ")}`,
    `DimSize = ${volume.grid.shape.join(" ")}`,
    `ElementType = ${TYPES[dtype]}`,
    `ElementDataFile = ${dataFile}`,
    "",
  ].join("\n");
  return { header: new TextEncoder().encode(header), data };
}
