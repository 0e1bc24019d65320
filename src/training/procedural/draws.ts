import { createRandom, type Random } from "../../internal/random.js";
import { fillQuantiles } from "./fillQuantiles.js";

/** Random numbers of one sample: scalars in the order they are asked for, and arrays of which each has a stream of its own. */
export interface Draws extends Random {
  /** Between low and high, evenly spread in its logarithm. */
  logUniform(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** Integer from low to high, both included. */
  between(low: number, high: number): number;
  /** 1 or −1. */
  sign(): number;
  /** A unit vector of random direction. */
  direction(): [number, number, number];
  /** n standard normal numbers, see {@link fillQuantiles}. */
  normals(n: number): Float32Array;
}

/** Everything follows from the seed, an integer of 0 … 2⁵³ − 1. */
export function createDraws(seed: number): Draws {
  const random = createRandom(seed);
  let stream = 1;
  const { uniform, normal } = random;
  return {
    ...random,
    logUniform: (low, high) => low * (high / low) ** uniform(),
    chance: (probability) => uniform() < probability,
    between: (low, high) => low + random.integer(high - low + 1),
    sign: () => (uniform() < 0.5 ? 1 : -1),
    direction() {
      const v = [normal(), normal(), normal()] as [number, number, number];
      const length = Math.hypot(...v) || 1;
      return [v[0] / length, v[1] / length, v[2] / length];
    },
    normals(n) {
      const out = new Float32Array(n);
      fillQuantiles(out, seed, stream++);
      return out;
    },
  };
}
