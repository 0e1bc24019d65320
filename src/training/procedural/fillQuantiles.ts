import { philox4x32 } from "../../internal/random.js";

const LEVELS = 1 << 16;
let table: Float32Array | undefined;

/**
 * Fills an array with standard normal numbers that take one of 65 536 values, the quantiles Φ⁻¹((m + ½)/65 536), scaled to unit variance; ±4.33 is the
 * farthest. One block of Philox4x32-10 gives eight, by look-up: several times cheaper than exact ones, and plenty for noise to be learnt from.
 * Element i depends on (seed, stream, i) alone.
 *
 * @param seed integer of 0 … 2⁵³ − 1
 */
export function fillQuantiles(out: Float32Array, seed: number, stream: number): void {
  table ??= quantiles();
  const words = new Uint32Array(4);
  const [key0, key1] = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  for (let i = 0, block = 0; i < out.length; i += 8, block++) {
    // The fourth word keeps it apart from the other uses of a seed.
    philox4x32(words, block, 0, stream, 3, key0, key1);
    // Past the end of a typed array a store is dropped.
    for (let w = 0; w < 4; w++) {
      const word = words[w]!;
      out[i + 2 * w] = table[word & 0xffff]!;
      out[i + 2 * w + 1] = table[word >>> 16]!;
    }
  }
}

/** By Newton's method on ∫φ from the middle on, level after level: each step starts from the level before. */
function quantiles(): Float32Array {
  const half = new Float64Array(LEVELS / 2);
  let squares = 0;
  // dz/dp = 1/φ(z), integrated over a level by the classical Runge–Kutta method.
  const slope = (z: number) => Math.sqrt(2 * Math.PI) * Math.exp((z * z) / 2);
  let z = 0;
  let step = 0.5 / LEVELS;
  for (let m = 0; m < half.length; m++) {
    const a = slope(z);
    const b = slope(z + (step * a) / 2);
    const c = slope(z + (step * b) / 2);
    const d = slope(z + step * c);
    z += (step * (a + 2 * b + 2 * c + d)) / 6;
    half[m] = z;
    squares += 2 * z * z;
    step = 1 / LEVELS;
  }
  const scale = 1 / Math.sqrt(squares / LEVELS);
  const values = new Float32Array(LEVELS);
  half.forEach((value, m) => {
    values[LEVELS / 2 + m] = scale * value;
    values[LEVELS / 2 - 1 - m] = -scale * value;
  });
  return values;
}
