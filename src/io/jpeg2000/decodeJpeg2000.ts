import { type Codestream, damaged, parseCodestream } from "./codestream.js";
import { decodeBlock } from "./decodeBlock.js";
import { type CodeBlock, readPackets } from "./packets.js";
import { inverseWavelet } from "./wavelet.js";

/** What a frame must be. */
export interface Jpeg2000Size {
  readonly rows: number;
  readonly columns: number;
  /** Most bits of a sample. */
  readonly bits: number;
}

/**
 * Decodes a JPEG 2000 codestream of one component, with loss or without.
 *
 * @returns its samples, in rows
 * @throws `bad-file` if it is damaged, cut short, or not of the size that is expected; `unsupported` for rare kinds of coding
 * @see ITU-T T.800 (ISO/IEC 15444-1)
 */
export function decodeJpeg2000(bytes: Uint8Array, { rows, columns, bits }: Jpeg2000Size): Int32Array {
  const stream = parseCodestream(bytes);
  const { precision, levels, reversible } = stream;
  if (stream.rows !== rows || stream.columns !== columns || precision > Math.min(bits, 24))
    throw damaged(
      `it has ${stream.rows}×${stream.columns} samples of ${precision} bits, where the file announces ${rows}×${columns} of ${bits}`,
    );
  const blocks = readPackets(stream);
  const image = reversible ? new Int32Array(rows * columns) : new Float32Array(rows * columns);
  for (const block of blocks) if (block.passes > 0) place(block, stream, image);
  inverseWavelet(image, columns, rows, levels, reversible);
  return samples(image, stream);
}

const GAIN = { LL: 0, HL: 1, LH: 1, HH: 2 };

/** Decodes a block and puts its coefficients where they belong. */
function place(block: CodeBlock, stream: Codestream, image: Int32Array | Float32Array): void {
  const [exponent, mantissa] = stream.steps[block.band.index]!;
  const planes = stream.guardBits + exponent - 1;
  if (planes > 30) throw damaged("its coefficients have more than 30 bits");
  const doubled = decodeBlock(block, planes, stream.segmentationSymbols);
  const step = 2 ** (stream.precision + GAIN[block.band.kind] - exponent) * (1 + mantissa / 2048);
  for (let y = 0, from = 0; y < block.height; y++)
    for (let x = 0, to = (block.y + y) * stream.columns + block.x; x < block.width; x++, from++, to++)
      // Without quantisation the half that is not known is left away.
      image[to] = stream.reversible ? Math.trunc(doubled[from]! / 2) : (doubled[from]! / 2) * step;
}

/** Rounds, moves what is unsigned to begin at 0, and keeps to the range. */
function samples(image: Int32Array | Float32Array, { precision, signed }: Codestream): Int32Array {
  const middle = 2 ** (precision - 1);
  const out = new Int32Array(image.length);
  for (let n = 0; n < out.length; n++) {
    const value = Math.min(middle - 1, Math.max(-middle, Math.round(image[n]!)));
    out[n] = signed ? value : value + middle;
  }
  return out;
}
