import { GadoliniteError } from "../../core/errors.js";

/** What a compressed frame says that it holds. */
export interface FrameSize {
  readonly rows: number;
  readonly columns: number;
  /** Bits of a number. */
  readonly precision: number;
}

/** Which kind of JPEG a frame is. */
export type Codec = "jpeg-lossless" | "jpeg-ls";

// Starts of frames: lossless Huffman, and JPEG-LS.
const START_OF_FRAME = { "jpeg-lossless": 0xc3, "jpeg-ls": 0xf7 };

/**
 * Reads from a compressed frame how large it will be, so that no decoder is asked for memory on the word of a damaged file.
 *
 * @throws `bad-file` if it is no such frame, `unsupported` if it has several components
 * @see ITU-T T.81, B.2 (JPEG); T.87, C.2 (JPEG-LS)
 */
export function frameSize(bytes: Uint8Array, codec: Codec): FrameSize {
  const wanted = START_OF_FRAME[codec];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) throw damaged();
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) throw damaged();
    const marker = bytes[at + 1]!;
    // Markers may be preceded by any number of fill bytes.
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = view.getUint16(at + 2);
    if (marker === wanted) {
      if (length < 11 || at + 10 > bytes.length) throw damaged();
      if (bytes[at + 9] !== 1)
        throw new GadoliniteError(
          "unsupported",
          "A compressed frame has several components. Decompress it with another program first.",
        );
      return { precision: bytes[at + 4]!, rows: view.getUint16(at + 5), columns: view.getUint16(at + 7) };
    }
    // Another kind of frame, or the scan before any frame.
    if (length < 2 || (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xcc) || marker === 0xda)
      throw damaged();
    at += 2 + length;
  }
  throw damaged();
}

const damaged = () =>
  new GadoliniteError("bad-file", "A compressed frame is damaged: it has no header of the kind that it should.");
