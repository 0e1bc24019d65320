import type { Grid, Vec3 } from "../core/grid.js";
import { createRandom, philox4x32 } from "../internal/random.js";
import { createLattice, createWaves, sampleLattice } from "./fields.js";
import type { Steps } from "./steps.js";

const BIAS_STREAM = 2;
const BIAS_WAVELENGTH_MM = 260;
const BIAS_STEP_MM = 12;

/** A smooth positive factor on a grid, exp of a random field with the given standard deviation; 1 everywhere if that is 0. */
export function drawBiasField(grid: Grid, seed: number, sd: number): Float32Array {
  const [ni, nj, nk] = grid.shape;
  const field = new Float32Array(ni * nj * nk).fill(1);
  if (sd === 0) return field;
  const m = grid.affine;
  const waves = createWaves(createRandom(seed, BIAS_STREAM), 12, BIAS_WAVELENGTH_MM, sd);
  const half = [0, 1, 2].map((axis) => Math.abs(m[4 * axis + 3]!) + BIAS_STEP_MM) as unknown as Vec3;
  const lattice = createLattice(half, BIAS_STEP_MM, [waves]);
  for (let n = 0; n < lattice.data.length; n++) lattice.data[n] = Math.exp(lattice.data[n]!);
  const value = new Float64Array(1);
  for (let k = 0, v = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++, v++) {
        sampleLattice(lattice, m[0]! * i + m[3]!, m[5]! * j + m[7]!, m[10]! * k + m[11]!, value);
        field[v] = value[0]!;
      }
  return field;
}

/** Parts in which noise is added, each a step of the task. */
export const NOISE_STEPS = 16;

/** Doses are told apart in steps of 10⁻⁸, so that a scan's noise doesn't depend on which other scans are made. */
const noiseStream = (dose: number) => 1000 + Math.round(dose * 1e8);

/**
 * Makes the magnitude of a signal with normal noise of standard deviation `sigma` in its real and imaginary channel, in place.
 *
 * @see Gudbjartsson & Patz 1995, Magn Reson Med 34:910
 */
export async function addRicianNoise(data: Float32Array, sigma: number, seed: number, dose: number, steps: Steps): Promise<void> {
  const part = 2 * Math.ceil(data.length / (2 * NOISE_STEPS));
  for (let n = 0; n < NOISE_STEPS; n++) {
    if (sigma > 0) addRicianPart(data, sigma, seed, noiseStream(dose), n * part, Math.min(data.length, (n + 1) * part));
    await steps.next("noise");
  }
}

/**
 * |S + σ·r·e^{iθ}| with r Rayleigh and θ uniform: both channels of normal noise at once, and no angle where S is 0. One block
 * of random words serves two voxels; `start` is even.
 */
function addRicianPart(data: Float32Array, sigma: number, seed: number, stream: number, start: number, end: number): void {
  const words = new Uint32Array(4);
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0] as const;
  for (let v = start; v < end; v += 2) {
    philox4x32(words, v / 2, 0, stream, NOISE_KIND, key[0], key[1]);
    data[v] = noisyMagnitude(data[v]!, sigma, words[0]!, words[1]!);
    // Past the end of a typed array a store is dropped.
    data[v + 1] = noisyMagnitude(data[v + 1] ?? 0, sigma, words[2]!, words[3]!);
  }
}

/** Keeps these numbers apart from those of `createRandom` and `fillNormal`, which use 1 and 0 there. */
const NOISE_KIND = 2;
const TO_UNIT = 2 ** -32;

function noisyMagnitude(s: number, sigma: number, word0: number, word1: number): number {
  const radius = sigma * Math.sqrt(-2 * Math.log((word0 + 0.5) * TO_UNIT));
  if (s === 0) return radius;
  return Math.sqrt(s * s + radius * (radius + 2 * s * Math.cos(2 * Math.PI * TO_UNIT * (word1 + 0.5))));
}
