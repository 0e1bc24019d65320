import { checkNonNegativeInteger } from "../../internal/check.js";
import { philox4x32 } from "../../internal/random.js";

/** The seed of one sample of a run: a 53-bit hash of the run's seed, the sample's number and a purpose, so that all are independent. */
export function sampleSeed(seed: number, sample: number, purpose: number): number {
  checkNonNegativeInteger("seed", seed);
  const words = new Uint32Array(4);
  // The fourth word keeps it apart from the counters of random streams, 0 and 1.
  philox4x32(words, sample >>> 0, Math.floor(sample / 2 ** 32), purpose, 2, seed >>> 0, Math.floor(seed / 2 ** 32));
  return words[0]! + 2 ** 32 * (words[1]! >>> 11);
}
