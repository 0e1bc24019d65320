import { GadoliniteError } from "../core/errors.js";

/** Largest finite float16; from 65520 on a number rounds to infinity. */
const LARGEST = 65504;

/**
 * Rounds to float16 (IEEE 754 binary16), ties to even, as its 16 bits. NaN and infinities stay what they are.
 *
 * @param name what the numbers are, for the message
 * @throws `out-of-range` if a finite number is too large: it would become infinite
 */
export function toFloat16(data: Float32Array, name = "the data"): Uint16Array {
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  const halves = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) {
    halves[i] = halfBits(bits[i]!);
    if ((halves[i]! & 0x7fff) === 0x7c00 && Number.isFinite(data[i]))
      throw new GadoliniteError(
        "out-of-range",
        `float16 holds numbers up to ±${LARGEST}, but element ${i} of ${name} is ${data[i]}. Store these numbers as float32.`,
      );
  }
  return halves;
}

/** float16 to float32, exactly. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  const data = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 0x3ff;
    if (exponent === 31) data[i] = fraction ? Number.NaN : sign * Infinity;
    else data[i] = exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return data;
}

/** bfloat16, the upper half of a float32, to float32, exactly. */
export function fromBfloat16(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

/** From the bits of a float32 to those of the nearest float16. */
function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  // 2⁻¹⁴ and above: the exponent's bias goes from 127 to 15, the fraction from 23 bits to 10. Below: units of 2⁻²⁴.
  if (magnitude >= 0x38800000) return sign | roundedShift(magnitude - 0x38000000, 13);
  if (magnitude < 0x33000000) return sign;
  return sign | roundedShift((magnitude & 0x7fffff) | 0x800000, 126 - (magnitude >>> 23));
}

/** value / 2^bits, rounded to the nearest integer, ties to even. A carry into the exponent is the next power of two, as it should be. */
function roundedShift(value: number, bits: number): number {
  const whole = value >>> bits;
  const rest = value & ((1 << bits) - 1);
  const half = 1 << (bits - 1);
  return rest > half || (rest === half && whole & 1) ? whole + 1 : whole;
}
