import type { Vec3 } from "../core/grid.js";
import type { Random } from "../internal/random.js";

/** A Gaussian random field of unit variance around one wavelength: a sum of plane waves of random direction and phase. */
export interface Waves {
  /** Wave vectors, three numbers each, in radians per mm. */
  readonly k: Float64Array;
  readonly phase: Float64Array;
  readonly amplitude: number;
}

/**
 * Draws a field of the given wavelength in mm (within ± `spread` of it).
 *
 * @param amplitude standard deviation of the field
 */
export function createWaves(random: Random, count: number, wavelengthMm: number, amplitude = 1, spread = 0.2): Waves {
  const k = new Float64Array(3 * count);
  const phase = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    const z = random.uniform(-1, 1);
    const angle = random.uniform(0, 2 * Math.PI);
    const length = (2 * Math.PI) / (wavelengthMm * (1 + spread * random.uniform(-1, 1)));
    k[3 * n] = length * Math.sqrt(1 - z * z) * Math.cos(angle);
    k[3 * n + 1] = length * Math.sqrt(1 - z * z) * Math.sin(angle);
    k[3 * n + 2] = length * z;
    phase[n] = random.uniform(0, 2 * Math.PI);
  }
  return { k, phase, amplitude: amplitude * Math.sqrt(2 / count) };
}

/** Value of the field at a point. */
export function waveSum({ k, phase, amplitude }: Waves, x: number, y: number, z: number): number {
  let sum = 0;
  for (let n = 0; n < phase.length; n++) sum += Math.cos(k[3 * n]! * x + k[3 * n + 1]! * y + k[3 * n + 2]! * z + phase[n]!);
  return amplitude * sum;
}

/** First-order signed distance in mm to the field's zero set, value / |gradient|, held within ± `limit`. */
export function distanceToZero({ k, phase }: Waves, x: number, y: number, z: number, limit: number): number {
  let value = 0;
  let gx = 0;
  let gy = 0;
  let gz = 0;
  for (let n = 0; n < phase.length; n++) {
    const angle = k[3 * n]! * x + k[3 * n + 1]! * y + k[3 * n + 2]! * z + phase[n]!;
    const s = Math.sin(angle);
    value += Math.cos(angle);
    gx += k[3 * n]! * s;
    gy += k[3 * n + 1]! * s;
    gz += k[3 * n + 2]! * s;
  }
  const distance = value / Math.max(1e-9, Math.sqrt(gx * gx + gy * gy + gz * gz));
  return Math.max(-limit, Math.min(limit, distance));
}

/** Several smooth fields held on a coarse lattice, channels interleaved, so that a point costs one trilinear look-up. */
export interface Lattice {
  readonly low: Vec3;
  readonly stepMm: number;
  readonly shape: Vec3;
  readonly channels: number;
  readonly data: Float32Array;
}

/** Samples the fields on a lattice over the box ± `half` mm. */
export function createLattice(half: Vec3, stepMm: number, fields: readonly Waves[]): Lattice {
  const shape = half.map((h) => Math.ceil((2 * h) / stepMm) + 2) as unknown as Vec3;
  const channels = fields.length;
  const data = new Float32Array(shape[0] * shape[1] * shape[2] * channels);
  const row = new Float64Array(shape[0]);
  for (let k = 0, at = 0; k < shape[2]; k++)
    for (let j = 0; j < shape[1]; j++, at += shape[0] * channels)
      for (let c = 0; c < channels; c++) {
        fillRow(row, fields[c]!, -half[0], j * stepMm - half[1], k * stepMm - half[2], stepMm);
        for (let i = 0; i < shape[0]; i++) data[at + i * channels + c] = row[i]!;
      }
  return { low: [-half[0], -half[1], -half[2]], stepMm, shape, channels, data };
}

/** The field along x from (x, y, z) on: each wave turns by the same angle from point to point, so one sine and cosine do. */
function fillRow(row: Float64Array, { k, phase, amplitude }: Waves, x: number, y: number, z: number, stepMm: number): void {
  row.fill(0);
  for (let n = 0; n < phase.length; n++) {
    const angle = k[3 * n]! * x + k[3 * n + 1]! * y + k[3 * n + 2]! * z + phase[n]!;
    const turnCos = Math.cos(k[3 * n]! * stepMm);
    const turnSin = Math.sin(k[3 * n]! * stepMm);
    let c = amplitude * Math.cos(angle);
    let s = amplitude * Math.sin(angle);
    for (let i = 0; i < row.length; i++) {
      row[i] = row[i]! + c;
      const next = c * turnCos - s * turnSin;
      s = s * turnCos + c * turnSin;
      c = next;
    }
  }
}

/** Writes the fields' values at a point into `out`; beyond the lattice its border goes on. */
export function sampleLattice(lattice: Lattice, x: number, y: number, z: number, out: Float64Array): void {
  const { low, stepMm, shape, channels, data } = lattice;
  const fx = Math.max(0, Math.min(shape[0] - 1.001, (x - low[0]) / stepMm));
  const fy = Math.max(0, Math.min(shape[1] - 1.001, (y - low[1]) / stepMm));
  const fz = Math.max(0, Math.min(shape[2] - 1.001, (z - low[2]) / stepMm));
  const i = Math.floor(fx);
  const j = Math.floor(fy);
  const k = Math.floor(fz);
  const tx = fx - i;
  const ty = fy - j;
  const tz = fz - k;
  const row = shape[0] * channels;
  const slice = shape[1] * row;
  const at = i * channels + j * row + k * slice;
  const w00 = (1 - ty) * (1 - tz);
  const w10 = ty * (1 - tz);
  const w01 = (1 - ty) * tz;
  const w11 = ty * tz;
  for (let c = 0; c < channels; c++) {
    const a = at + c;
    const near = w00 * data[a]! + w10 * data[a + row]! + w01 * data[a + slice]! + w11 * data[a + row + slice]!;
    const b = a + channels;
    const far = w00 * data[b]! + w10 * data[b + row]! + w01 * data[b + slice]! + w11 * data[b + row + slice]!;
    out[c] = near + tx * (far - near);
  }
}
