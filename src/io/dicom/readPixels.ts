import { GadoliniteError } from "../../core/errors.js";
import { HOST_LITTLE_ENDIAN, swapBytes } from "../niftiTypes.js";
import { shown } from "../textHeader.js";
import type { Codec } from "./codestream.js";
import { element, number } from "./dataset.js";
import { decodeJpeg, loadDaikon } from "./decodeJpeg.js";
import { decodeRle } from "./decodeRle.js";
import { frameBytes } from "./fragments.js";
import type { DicomObject } from "./parseDicom.js";

const RAW: ReadonlySet<string> = new Set([
  "1.2.840.10008.1.2",
  "1.2.840.10008.1.2.1",
  "1.2.840.10008.1.2.1.99",
  "1.2.840.10008.1.2.2",
]);
const RLE = "1.2.840.10008.1.2.5";
const CODECS: Readonly<Record<string, Codec>> = {
  "1.2.840.10008.1.2.4.57": "jpeg-lossless",
  "1.2.840.10008.1.2.4.70": "jpeg-lossless",
  "1.2.840.10008.1.2.4.80": "jpeg-ls",
  "1.2.840.10008.1.2.4.81": "jpeg-ls",
};
const JPEG_2000: ReadonlySet<string> = new Set(["1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"]);

/** How the pixels of a file are stored. */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly bitsAllocated: 8 | 16 | 32;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
}

/** Pixels as they are stored: a decoder's numbers, or those that lie in the file. */
type Stored = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** Gives the pixels of a frame, from 0, as numbers that are not rescaled. */
export type FrameReader = (index: number) => Stored;

/**
 * How a file stores its pixels.
 *
 * @throws `bad-file` if its numbers make no sense, `unsupported` for single bits or floats
 */
export function pixelFormat({ dataset }: DicomObject): PixelFormat {
  const need = (keyword: "Rows" | "Columns" | "BitsAllocated") => {
    const value = number(dataset, keyword);
    if (value === undefined || !(value >= 1))
      throw new GadoliniteError("bad-file", `${keyword} must be positive, but is ${value ?? "absent"}.`);
    return value;
  };
  const bitsAllocated = need("BitsAllocated");
  if (bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32)
    throw new GadoliniteError("unsupported", `Pixels of 8, 16 and 32 bits are read, not of ${bitsAllocated}.`);
  const bitsStored = number(dataset, "BitsStored") ?? bitsAllocated;
  const highBit = number(dataset, "HighBit") ?? bitsStored - 1;
  if (!(bitsStored >= 1 && highBit >= bitsStored - 1 && highBit < bitsAllocated))
    throw new GadoliniteError("bad-file", `${bitsStored} bits up to bit ${highBit} do not fit in ${bitsAllocated}.`);
  return {
    ...{ rows: need("Rows"), columns: need("Columns"), frames: number(dataset, "NumberOfFrames") ?? 1 },
    ...{ bitsAllocated, bitsStored, highBit, signed: number(dataset, "PixelRepresentation") === 1 },
  };
}

/**
 * Opens the pixels of a file, decoding none yet.
 *
 * @throws `unsupported` for a transfer syntax that is not read, or one whose decoder is not installed; `bad-file` if the pixels
 *   are absent or fewer than announced. What is given back throws `bad-file` where a frame is damaged.
 */
export async function openPixels(file: DicomObject, format: PixelFormat): Promise<FrameReader> {
  const { transferSyntax, dataset } = file;
  const found = element(dataset, "PixelData");
  if (!found) throw new GadoliniteError("bad-file", "The file has no pixels (PixelData).");
  const codec = Object.hasOwn(CODECS, transferSyntax) ? CODECS[transferSyntax] : undefined;
  const isJpeg2000 = JPEG_2000.has(transferSyntax);
  if (!RAW.has(transferSyntax) && transferSyntax !== RLE && !codec && !isJpeg2000)
    throw new GadoliniteError(
      "unsupported",
      `Transfer syntax ${shown(transferSyntax)} is not read: raw, deflated, RLE, JPEG lossless, JPEG-LS and JPEG 2000 are. Convert the file first.`,
    );
  if ((found.fragments === undefined) !== RAW.has(transferSyntax))
    throw new GadoliniteError("bad-file", "The pixels are not stored as the transfer syntax says: the file is damaged.");
  if (!found.fragments) return rawFrames(found.value, found.vr ?? "OW", format, dataset.littleEndian);
  const frames = frameBytes(found.fragments, format.frames, element(dataset, "ExtendedOffsetTable")?.value);
  const pixels = format.rows * format.columns;
  if (isJpeg2000) {
    const { decodeJpeg2000 } = await import("../jpeg2000/decodeJpeg2000.js");
    return (index) => decoded(decodeJpeg2000(frames[index]!, { ...format, bits: format.bitsAllocated }), format);
  }
  if (!codec) return (index) => typed(decodeRle(frames[index]!, pixels, format.bitsAllocated / 8), format, true);
  const daikon = await loadDaikon();
  return (index) => decoded(decodeJpeg(daikon, frames[index]!, { ...format, codec, transferSyntax }), format);
}

/** A decoder may give numbers of another sign; the bits are the same. */
function decoded(numbers: ArrayLike<number>, format: PixelFormat): Stored {
  const pixels = arrayOf(format, new ArrayBuffer((numbers.length * format.bitsAllocated) / 8));
  pixels.set(numbers);
  return trimmed(pixels, format);
}

function rawFrames(value: Uint8Array, vr: string, format: PixelFormat, littleEndian: boolean): FrameReader {
  const length = (format.rows * format.columns * format.bitsAllocated) / 8;
  if (value.length < length * format.frames)
    throw new GadoliniteError(
      "bad-file",
      `${format.frames} frames of ${format.rows}×${format.columns} pixels take ${length * format.frames} bytes, but ${value.length} are there.`,
    );
  // Bytes that are written as words are turned round with them.
  if (!littleEndian && vr === "OW" && format.bitsAllocated === 8) {
    const words = value.slice(0, value.length & ~1);
    swapBytes(words, 2);
    return (index) => typed(words.subarray(index * length, (index + 1) * length), format, true);
  }
  return (index) => typed(value.subarray(index * length, (index + 1) * length), format, littleEndian);
}

/** Bytes as numbers: a view where they lie well, else a copy. */
function typed(bytes: Uint8Array, format: PixelFormat, littleEndian: boolean): Stored {
  const size = format.bitsAllocated / 8;
  const swap = size > 1 && littleEndian !== HOST_LITTLE_ENDIAN;
  const narrow = format.bitsStored < format.bitsAllocated;
  const own = swap || narrow || bytes.byteOffset % size !== 0 ? bytes.slice() : bytes;
  if (swap) swapBytes(own, size);
  return trimmed(arrayOf(format, own.buffer, own.byteOffset, own.length / size), format);
}

function arrayOf({ bitsAllocated, signed }: PixelFormat, buffer: ArrayBufferLike, offset = 0, length?: number): Stored {
  switch (bitsAllocated) {
    case 8:
      return signed ? new Int8Array(buffer, offset, length) : new Uint8Array(buffer, offset, length);
    case 16:
      return signed ? new Int16Array(buffer, offset, length) : new Uint16Array(buffer, offset, length);
    case 32:
      return signed ? new Int32Array(buffer, offset, length) : new Uint32Array(buffer, offset, length);
  }
}

/** Leaves only the bits that are stored, in place, with their sign. */
function trimmed(pixels: Stored, { bitsAllocated, bitsStored, highBit, signed }: PixelFormat): Stored {
  if (bitsStored === bitsAllocated) return pixels;
  const left = 31 - highBit;
  const right = 32 - bitsStored;
  if (signed) for (let i = 0; i < pixels.length; i++) pixels[i] = (pixels[i]! << left) >> right;
  else for (let i = 0; i < pixels.length; i++) pixels[i] = (pixels[i]! << left) >>> right;
  return pixels;
}
