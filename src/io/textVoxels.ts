import { GadoliniteError } from "../core/errors.js";
import type { WritableArray } from "./encodeVoxels.js";
import type { StoredDtype } from "./niftiTypes.js";
import { numberOf, quoted } from "./textHeader.js";

// Characters looked at in one go.
const STEP = 1 << 16;
// No number of a voxel is written longer.
const MAX_DIGITS = 400;

/** Numbers written as text, between blanks or commas, as the bytes of float64. */
export async function* textVoxels(text: Uint8Array, dtype: StoredDtype): AsyncGenerator<Uint8Array> {
  const check = checkerOf(dtype);
  const decoder = new TextDecoder("latin1");
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + STEP, text.length);
    while (end < text.length && !isBlank(text[end]!)) {
      if (++end > at + STEP + MAX_DIGITS)
        throw new GadoliniteError("bad-file", "The voxels, which should be text, are no numbers.");
    }
    const words = decoder.decode(text.slice(at, end)).match(/[^\s,]+/g) ?? [];
    at = end;
    if (words.length === 0) continue;
    yield new Uint8Array(Float64Array.from(words, check).buffer);
  }
}

const isBlank = (c: number) => c === 32 || (c >= 9 && c <= 13) || c === 44;

/** Text to number, refusing what the type does not hold. */
function checkerOf(dtype: StoredDtype): (word: string) => number {
  const bits = Number(/\d+/.exec(dtype));
  const [low, high] = dtype.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  const real = dtype === "float32" || dtype === "float64";
  return (word) => {
    const value = numberOf(word);
    if (value === undefined || !(real || (Number.isInteger(value) && value >= low && value <= high)))
      throw new GadoliniteError("bad-file", `The voxels are ${dtype} written as text, but one is ${quoted(word)}.`);
    return value;
  };
}

/** Bytes written as pairs of hexadecimal digits, blanks ignored. */
export async function* hexBytes(text: Uint8Array): AsyncGenerator<Uint8Array> {
  let high = -1;
  for (let at = 0; at < text.length; at += STEP) {
    const part = text.subarray(at, at + STEP);
    const out = new Uint8Array(part.length);
    let n = 0;
    for (const c of part) {
      if (isBlank(c) && c !== 44) continue;
      const digit = c >= 48 && c <= 57 ? c - 48 : (c | 32) >= 97 && (c | 32) <= 102 ? (c | 32) - 87 : -1;
      if (digit < 0)
        throw new GadoliniteError(
          "bad-file",
          `The voxels should be hexadecimal digits, but one is ${quoted(String.fromCharCode(c))}.`,
        );
      if (high < 0) high = digit;
      else {
        out[n++] = 16 * high + digit;
        high = -1;
      }
    }
    if (n > 0) yield out.subarray(0, n);
  }
}

/** Voxels as text, a line for each row along i. */
export function voxelText(data: WritableArray, ni: number): Uint8Array<ArrayBuffer> {
  const lines: string[] = [];
  for (let at = 0; at < data.length; at += ni) lines.push(Array.from(data.subarray(at, at + ni), wordOf).join(" "));
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}

/** −0 keeps its sign; NaN and infinity as C prints them. */
const wordOf = (value: number) =>
  Object.is(value, -0) ? "-0" : Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";

/** Bytes as hexadecimal digits, 32 bytes a line. */
export function hexText(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 32)
    lines.push(Array.from(bytes.subarray(at, at + 32), (b) => b.toString(16).padStart(2, "0")).join(""));
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}
