import type { Random } from "../internal/random.js";
import { createWaves, distanceToZero, type Waves, waveSum } from "./fields.js";

/** Channels of a sulcal map: distance to the nearest sulcal sheet and that sheet's depth, for deep and for shallow sulci. */
export const SULCAL_CHANNELS = 5;

/**
 * Where the sulci of one hemisphere run, by direction from its middle: a cube of six square faces whose nodes include the
 * edges, so that neighbouring faces agree there.
 */
export interface SulcalMap {
  readonly nodes: number;
  readonly data: Float32Array;
}

/** Half-axes of the hemisphere's hull in mm, from its middle: lateral, medial, anterior–posterior, superior, inferior. */
const LATERAL = 40;
const MEDIAL = 27;
const LENGTH = 77;
const SUPERIOR = 58;
const INFERIOR = 52;

/** Distance from the hemisphere's middle to its hull in the direction of a point (x lateral), in mm. */
export function hullRadius(x: number, y: number, z: number): number {
  const rx = x / (x > 0 ? LATERAL : MEDIAL);
  const ry = y / LENGTH;
  const rz = z / (z > 0 ? SUPERIOR : INFERIOR);
  return Math.sqrt((x * x + y * y + z * z) / (rx * rx + ry * ry + rz * rz + 1e-12));
}

/** The random fields whose zero sets are the sulci. Both hemispheres share the wave vectors; their phases differ a little. */
export interface SulcalFields {
  readonly deep: Waves;
  readonly shallow: Waves;
  readonly deepDepth: Waves;
  readonly shallowDepth: Waves;
  readonly veins: Waves;
}

export function createSulcalFields(random: Random): SulcalFields {
  return {
    deep: createWaves(random, 18, 35, 1, 0.22),
    shallow: createWaves(random, 18, 22, 1, 0.22),
    deepDepth: createWaves(random, 8, 40),
    shallowDepth: createWaves(random, 8, 24),
    veins: createWaves(random, 8, 45),
  };
}

/** The same fields with every phase moved by a normal number of the given standard deviation in radians. */
export function otherHemisphere(fields: SulcalFields, random: Random, sd: number): SulcalFields {
  const move = ({ k, phase, amplitude }: Waves): Waves => ({ k, phase: phase.map((p) => random.normal(p, sd)), amplitude });
  return {
    deep: move(fields.deep),
    shallow: move(fields.shallow),
    deepDepth: move(fields.deepDepth),
    shallowDepth: move(fields.shallowDepth),
    veins: move(fields.veins),
  };
}

export function createSulcalMap(fields: SulcalFields, nodes: number): SulcalMap {
  const data = new Float32Array(6 * nodes * nodes * SULCAL_CHANNELS);
  let at = 0;
  for (let face = 0; face < 6; face++)
    for (let b = 0; b < nodes; b++)
      for (let a = 0; a < nodes; a++, at += SULCAL_CHANNELS) {
        const u = (2 * a) / (nodes - 1) - 1;
        const v = (2 * b) / (nodes - 1) - 1;
        const sign = face & 1 ? -1 : 1;
        const [dx, dy, dz] = face < 2 ? [sign, u, v] : face < 4 ? [u, sign, v] : [u, v, sign];
        const scale = hullRadius(dx, dy, dz) / Math.sqrt(dx * dx + dy * dy + dz * dz);
        const [x, y, z] = [dx * scale, dy * scale, dz * scale];
        data[at] = distanceToZero(fields.deep, x, y, z, 14);
        data[at + 1] = Math.max(6, 13 + 4 * waveSum(fields.deepDepth, x, y, z));
        data[at + 2] = distanceToZero(fields.shallow, x, y, z, 10);
        data[at + 3] = Math.max(0, 4 + 4 * waveSum(fields.shallowDepth, x, y, z));
        data[at + 4] = waveSum(fields.veins, x, y, z);
      }
  return { nodes, data };
}

/** Writes the map's channels in the direction of a point (from the hemisphere's middle, x lateral) into `out`, bilinearly. */
export function sampleSulcalMap({ nodes, data }: SulcalMap, x: number, y: number, z: number, out: Float64Array): void {
  const ax = Math.abs(x);
  const ay = Math.abs(y);
  const az = Math.abs(z);
  let face: number;
  let u: number;
  let v: number;
  if (ax >= ay && ax >= az) {
    face = x > 0 ? 0 : 1;
    u = y / (ax + 1e-9);
    v = z / (ax + 1e-9);
  } else if (ay >= az) {
    face = y > 0 ? 2 : 3;
    u = x / ay;
    v = z / ay;
  } else {
    face = z > 0 ? 4 : 5;
    u = x / az;
    v = y / az;
  }
  const fa = Math.min(nodes - 1.001, (u + 1) * 0.5 * (nodes - 1));
  const fb = Math.min(nodes - 1.001, (v + 1) * 0.5 * (nodes - 1));
  const a = Math.floor(fa);
  const b = Math.floor(fb);
  const ta = fa - a;
  const tb = fb - b;
  const row = nodes * SULCAL_CHANNELS;
  const at = face * nodes * row + b * row + a * SULCAL_CHANNELS;
  for (let c = 0; c < SULCAL_CHANNELS; c++) {
    const p = at + c;
    const low = data[p]! + ta * (data[p + SULCAL_CHANNELS]! - data[p]!);
    const high = data[p + row]! + ta * (data[p + row + SULCAL_CHANNELS]! - data[p + row]!);
    out[c] = low + tb * (high - low);
  }
}
