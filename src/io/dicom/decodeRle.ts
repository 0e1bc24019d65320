import { GadoliniteError } from "../../core/errors.js";

const HEADER_BYTES = 64;

/**
 * Decodes one frame of RLE Lossless: one PackBits segment for each byte of a pixel, the most significant first.
 *
 * @param pixels pixels of the frame
 * @param pixelBytes bytes of each
 * @returns the frame, little-endian
 * @throws `bad-file` if the segments are not those of such a frame, or end before it is full
 * @see DICOM PS3.5, annex G
 */
export function decodeRle(bytes: Uint8Array, pixels: number, pixelBytes: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = bytes.length < HEADER_BYTES ? -1 : view.getUint32(0, true);
  if (segments !== pixelBytes)
    throw new GadoliniteError("bad-file", `The RLE frame should have ${pixelBytes} segments, but has ${Math.max(0, segments)}.`);
  const out = new Uint8Array(pixels * pixelBytes);
  for (let segment = 0; segment < segments; segment++) {
    const start = view.getUint32(4 + 4 * segment, true);
    const stop = segment + 1 < segments ? view.getUint32(8 + 4 * segment, true) : bytes.length;
    if (start < HEADER_BYTES || stop > bytes.length || start > stop)
      throw new GadoliniteError("bad-file", "The RLE frame's segments lie outside of it: it is damaged.");
    unpack(bytes.subarray(start, stop), out, segments - 1 - segment, pixelBytes);
  }
  return out;
}

/** Fills every `step`th byte from `at` on. */
function unpack(packed: Uint8Array, out: Uint8Array, at: number, step: number): void {
  let to = at;
  for (let from = 0; to < out.length; ) {
    const code = packed[from++];
    if (code === 128) continue;
    const count = code === undefined ? 0 : code < 128 ? code + 1 : 257 - code;
    const needed = code !== undefined && code < 128 ? count : 1;
    if (count === 0 || from + needed > packed.length || to + (count - 1) * step >= out.length)
      throw new GadoliniteError("bad-file", "An RLE segment is cut short or damaged.");
    for (let n = 0; n < count; n++, to += step) out[to] = packed[needed === 1 ? from : from + n]!;
    from += needed;
  }
}
