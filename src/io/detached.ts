import { GadoliniteError } from "../core/errors.js";
import { voxelCount } from "../core/grid.js";
import type { Volume } from "../core/volume.js";
import { type Announced, type ReadFileOptions, readAnnounced } from "./announced.js";
import {
  type ByteSource,
  type ByteSourceOptions,
  checkBytes,
  isGzip,
  openCompressed,
  openPieces,
  openRaw,
} from "./byteSource.js";
import { HOST_LITTLE_ENDIAN, NIFTI_TYPES } from "./niftiTypes.js";
import { quoted } from "./textHeader.js";
import { hexBytes, textVoxels } from "./textVoxels.js";

/** Gives the content of the file that a header names, or throws. Called with the name as the header says it. */
export type DetachedData = (name: string) => Promise<Uint8Array>;

/** What a reader of a header with its voxels in the same file or in another one takes. */
export interface ReadDetachedOptions extends ReadFileOptions {
  /** Content of the file that a detached header names: nothing opens it for you. Not for files that hold their own voxels. */
  readonly data?: Uint8Array;
}

/** How voxels are written in the file. */
export interface Coding {
  readonly encoding: "raw" | "gzip" | "zlib" | "ascii" | "hex";
  /** Lines to leave out before anything is decoded. Default 0. */
  readonly lineSkip?: number;
  /** Bytes to leave out once decoded; −1: whatever comes before the voxels at the end of the file. Default 0. */
  readonly byteSkip?: number;
  /** Bytes that are compressed. Default: all there are. */
  readonly compressedBytes?: number | undefined;
}

/** The bytes in which a header's voxels lie: those after the header, or those of the file that it names. */
export async function voxelBytes(
  rest: ByteSource,
  dataFile: string | undefined,
  { data }: ReadDetachedOptions,
  open: DetachedData | undefined,
): Promise<ByteSource | Uint8Array> {
  if (dataFile === undefined) {
    if (data)
      throw new GadoliniteError(
        "bad-file",
        "The header says that the voxels follow it in the same file: leave out the option data.",
      );
    return rest.rest() ?? rest;
  }
  if (data) {
    checkBytes(data);
    return data;
  }
  if (open) return open(dataFile);
  throw new GadoliniteError(
    "unsupported",
    `The voxels lie in another file, ${quoted(dataFile)}, which is not opened on a header's word. Read it and pass its bytes as the option data.`,
  );
}

/** Reads the voxels that a header announces, however they are written. */
export async function readEncoded(
  from: ByteSource | Uint8Array,
  announced: Announced,
  coding: Coding,
  options: ReadFileOptions,
): Promise<Volume> {
  const { byteSkip = 0 } = coding;
  if (byteSkip < -1 || !Number.isSafeInteger(byteSkip))
    throw new GadoliniteError("bad-file", `The header leaves out ${byteSkip} bytes before the voxels; it can be −1, 0 or more.`);
  const source = decoded(from, announced, coding, options);
  // Text comes as float64 of this machine, whose range has been checked.
  const asText = coding.encoding === "ascii" ? ({ dtype: "float64", littleEndian: HOST_LITTLE_ENDIAN } as const) : {};
  try {
    return await readAnnounced(source, { ...announced, ...asText }, Math.max(0, byteSkip), options);
  } finally {
    await source.close();
  }
}

function decoded(
  from: ByteSource | Uint8Array,
  announced: Announced,
  { encoding, lineSkip = 0, byteSkip = 0, compressedBytes }: Coding,
  options: ByteSourceOptions,
): ByteSource {
  if (!(from instanceof Uint8Array)) {
    if (encoding === "raw" && lineSkip === 0 && byteSkip >= 0) return from;
    throw new GadoliniteError(
      "unsupported",
      `The file is gzip, and its voxels are ${encoding} within it. Inflate the file first.`,
    );
  }
  let bytes = skipLines(from, lineSkip);
  const fromEnd = byteSkip === -1;
  if (fromEnd && encoding !== "raw")
    throw new GadoliniteError("bad-file", `Voxels are looked for at the end of a file only if they are raw, not ${encoding}.`);
  switch (encoding) {
    case "raw":
      if (fromEnd) bytes = bytes.subarray(Math.max(0, bytes.length - totalBytes(announced)));
      return openRaw(bytes, options);
    case "ascii": {
      if (byteSkip > bytes.length) throw new GadoliniteError("bad-file", "The header leaves out more bytes than there are.");
      // A digit and a blank a voxel at least.
      return openPieces(textVoxels(bytes.subarray(byteSkip), announced.dtype), {
        gzip: false,
        maxLength: Math.ceil((bytes.length - byteSkip) / 2) * 8,
        signal: options.signal,
      });
    }
    case "hex":
      return openPieces(hexBytes(bytes), { gzip: false, maxLength: bytes.length >> 1, signal: options.signal });
    default:
      return openCompressed(compressedPart(bytes, compressedBytes), formatOf(bytes, encoding), options);
  }
}

const totalBytes = ({ grid, dtype, more }: Announced) =>
  more.reduce((product, n) => product * n, voxelCount(grid) * NIFTI_TYPES[dtype].bytes);

function skipLines(bytes: Uint8Array, lines: number): Uint8Array {
  if (!(Number.isSafeInteger(lines) && lines >= 0))
    throw new GadoliniteError("bad-file", `The header leaves out ${lines} lines before the voxels; it can be 0 or more.`);
  let at = 0;
  for (let line = 0; line < lines; line++) {
    at = bytes.indexOf(10, at) + 1;
    if (at === 0)
      throw new GadoliniteError("bad-file", `The header leaves out ${lines} lines before the voxels; there are ${line}.`);
  }
  return bytes.subarray(at);
}

function compressedPart(bytes: Uint8Array, length: number | undefined): Uint8Array {
  if (length === undefined) return bytes;
  if (length <= bytes.length) return bytes.subarray(0, length);
  throw new GadoliniteError(
    "bad-file",
    `The header announces ${length} compressed bytes, but ${bytes.length} are there: the file is cut short or damaged.`,
  );
}

/** ITK writes zlib and reads both, so both are read where zlib is announced. */
function formatOf(bytes: Uint8Array, encoding: "gzip" | "zlib"): "gzip" | "deflate" {
  if (isGzip(bytes)) return "gzip";
  if (encoding === "zlib" && bytes.length > 2 && (bytes[0]! & 15) === 8 && (bytes[0]! * 256 + bytes[1]!) % 31 === 0)
    return "deflate";
  throw new GadoliniteError("bad-file", `The voxels should be ${encoding}, but do not begin like it: the file is damaged.`);
}
