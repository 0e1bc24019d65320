import { GadoliniteError, isGadoliniteError } from "../../core/errors.js";
import { type Codec, frameSize } from "./codestream.js";

/** The part of daikon that is used: its decoders, which ask an image's tags what to expect. */
export interface Daikon {
  readonly Image: new () => {
    putTag(tag: unknown): void;
    decompressJPEG(bytes: ArrayBuffer): ArrayLike<number> | { readonly pixelData: ArrayLike<number> };
  };
  readonly Tag: new (...tag: readonly unknown[]) => unknown;
}

/** What decodes a compressed frame. */
export interface JpegFormat {
  readonly codec: Codec;
  readonly transferSyntax: string;
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: number;
  readonly signed: boolean;
}

/** The optional package daikon. Throws `unsupported` where it is not installed. */
export async function loadDaikon(): Promise<Daikon> {
  try {
    const loaded = (await import("daikon" as string)) as Daikon & { readonly default?: Daikon };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new GadoliniteError(
      "unsupported",
      "The pixels are compressed as JPEG lossless or JPEG-LS, which the package daikon decodes: npm install daikon, version 1.2.46 or later.",
      { cause },
    );
  }
}

/**
 * Decodes one frame of JPEG lossless or JPEG-LS with daikon, once its header says what the file says.
 *
 * @returns rows · columns numbers, whose bits above the stored ones mean nothing
 * @throws `bad-file` if the frame is damaged or of another size
 */
export function decodeJpeg(daikon: Daikon, bytes: Uint8Array, format: JpegFormat): ArrayLike<number> {
  const { codec, rows, columns, bitsAllocated, signed, transferSyntax } = format;
  const size = frameSize(bytes, codec);
  if (size.rows !== rows || size.columns !== columns || size.precision > bitsAllocated)
    throw new GadoliniteError(
      "bad-file",
      `A compressed frame has ${size.rows}×${size.columns} pixels of ${size.precision} bits, where the file announces ${rows}×${columns} of ${bitsAllocated}.`,
    );
  const tag = (group: number, number: number, vr: string, value: Uint8Array | Uint16Array) =>
    new daikon.Tag(group, number, vr, value.buffer, 0, 0, 0, true);
  const image = new daikon.Image();
  image.putTag(tag(0x0002, 0x0010, "UI", new TextEncoder().encode(transferSyntax)));
  image.putTag(tag(0x0028, 0x0002, "US", Uint16Array.of(1)));
  image.putTag(tag(0x0028, 0x0100, "US", Uint16Array.of(bitsAllocated)));
  image.putTag(tag(0x0028, 0x0103, "US", Uint16Array.of(signed ? 1 : 0)));
  try {
    const decoded = image.decompressJPEG(bytes.slice().buffer);
    const pixels = "pixelData" in decoded ? decoded.pixelData : decoded;
    if (pixels.length !== rows * columns) throw new GadoliniteError("bad-file", "A compressed frame is cut short.");
    return pixels;
  } catch (cause) {
    if (isGadoliniteError(cause)) throw cause;
    throw new GadoliniteError("bad-file", "A compressed frame is damaged: it can't be decoded.", { cause });
  }
}
