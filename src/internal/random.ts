import { GadoliniteError } from "../core/errors.js";

// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", SC'11): a hash of (key, counter)
// in 32-bit integer arithmetic, so that voxel i has the same number in any order, on any thread and in WGSL.
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  return (aHigh * bHigh + ((middle / 0x10000) | 0) + ((((middle & 0xffff) + aLow * bHigh) / 0x10000) | 0)) >>> 0;
}

/** Writes the four 32-bit words of Philox4x32-10 at the given counter and key into `out`. */
export function philox4x32(
  out: Uint32Array,
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key0: number,
  key1: number,
): void {
  let [c0, c1, c2, c3] = [counter0, counter1, counter2, counter3];
  let [k0, k1] = [key0, key1];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0 >>> 0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2 >>> 0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

const TO_UNIT = 2 ** -32;

/** A stream of random numbers that is a function of its seed and stream number alone. */
export interface Random {
  /** Uniform over the open interval (low, high); default (0, 1). */
  uniform(low?: number, high?: number): number;
  /** Normal; default mean 0, standard deviation 1. */
  normal(mean?: number, sd?: number): number;
  /** Uniform over the integers 0 … n − 1. */
  integer(n: number): number;
}

/** Splits a seed into the two words of a key. Throws `out-of-range` unless it is an integer of 0 … 2⁵³ − 1. */
function keyOf(seed: number): readonly [number, number] {
  if (!(Number.isSafeInteger(seed) && seed >= 0))
    throw new GadoliniteError("out-of-range", `seed must be an integer from 0 to 2^53 - 1, but is ${seed}.`);
  return [seed >>> 0, Math.floor(seed * TO_UNIT) >>> 0];
}

export function createRandom(seed: number, stream = 0): Random {
  const [key0, key1] = keyOf(seed);
  const words = new Uint32Array(4);
  let block = 0;
  let used = 4;
  let spareNormal = Number.NaN;
  const uniform = (low = 0, high = 1) => {
    if (used === 4) {
      philox4x32(words, block >>> 0, Math.floor(block * TO_UNIT), stream, 1, key0, key1);
      block++;
      used = 0;
    }
    return low + (high - low) * ((words[used++]! + 0.5) * TO_UNIT);
  };
  return {
    uniform,
    integer: (n) => Math.floor(uniform() * n),
    normal(mean = 0, sd = 1) {
      let z = spareNormal;
      spareNormal = Number.NaN;
      if (Number.isNaN(z)) {
        const radius = Math.sqrt(-2 * Math.log(uniform()));
        const angle = 2 * Math.PI * uniform();
        z = radius * Math.cos(angle);
        spareNormal = radius * Math.sin(angle);
      }
      return mean + sd * z;
    },
  };
}

/**
 * Fills an array with standard normal numbers; element i depends on (seed, stream, i) alone, so any part of a volume can be
 * made anywhere. Box–Muller over Philox4x32-10: block ⌊i/4⌋ holds elements 4⌊i/4⌋ … +3.
 *
 * @param start index of the first element, a multiple of 4
 */
export function fillNormal(out: Float32Array, seed: number, stream = 0, start = 0): void {
  const [key0, key1] = keyOf(seed);
  const words = new Uint32Array(4);
  for (let i = 0; i < out.length; i += 4) {
    const block = (start + i) / 4;
    philox4x32(words, block >>> 0, Math.floor(block * TO_UNIT), stream, 0, key0, key1);
    for (let pair = 0; pair < 4 && i + pair < out.length; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log((words[pair]! + 0.5) * TO_UNIT));
      const angle = 2 * Math.PI * TO_UNIT * (words[pair + 1]! + 0.5);
      out[i + pair] = radius * Math.cos(angle);
      // Past the end of a typed array a store is dropped.
      out[i + pair + 1] = radius * Math.sin(angle);
    }
  }
}
