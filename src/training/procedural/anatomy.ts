import type { Vec3 } from "../../core/grid.js";
import type { Draws } from "./draws.js";
import { opposite, smoothField } from "./smoothField.js";

/** What is being scanned, before any scanner has looked at it. Arrays are written by whoever adds a structure. */
export interface Anatomy {
  readonly shape: Vec3;
  /** T1-weighted intensity without agent. */
  readonly tissue: Float32Array;
  /** What the agent adds at the standard dose. */
  readonly uptake: Float32Array;
  /** What else differs between the two scans: another contrast of the tissues, texture. */
  readonly change: Float32Array;
  /** A field of unit variance that bends outlines, a few voxels fine, and a finer one that mottles. */
  readonly warp: Float32Array;
  readonly mottle: Float32Array;
  /** A slow one, 7 to 20 voxels. */
  readonly slow: Float32Array;
}

/**
 * A label map with an intensity, a little uptake and a difference of contrast for each label; textures on each. Labels come from multi-scale
 * fields, either quantised (regions) or by the distance from a zero set (folds: fluid, cortex, white matter).
 */
export function createAnatomy(draws: Draws, shape: Vec3): Anatomy {
  const n = shape[0] * shape[1] * shape[2];
  const slow = smoothField(draws, shape, draws.uniform(7, 20));
  const folded = draws.chance(0.55);
  const labels = folded ? folds(draws, shape, opposite(slow)) : regions(draws, shape, n);
  const warp = smoothField(draws, shape, draws.uniform(3, 8));
  const mottle = smoothField(draws, shape, draws.uniform(0.8, 3));
  const [intensity, uptakes, changes] = labelTables(draws);
  const tissue = new Float32Array(n);
  const uptake = new Float32Array(n);
  const change = new Float32Array(n);

  const grain = draws.logUniform(0.005, 0.1);
  const shade = draws.chance(0.5) ? draws.uniform(0, 0.12) : 0;
  const spread = draws.chance(0.6) ? draws.logUniform(0.003, 0.06) : 0;
  const spots = draws.chance(0.4) ? draws.logUniform(0.01, 0.1) : 0;
  const pial = folded && draws.chance(0.4) ? draws.logUniform(0.05, 0.6) : 0;
  const unlike = draws.chance(0.8) ? draws.logUniform(0.003, 0.05) : 0;
  const drift = draws.logUniform(0.003, 0.08);
  const other = smoothField(draws, shape, draws.logUniform(1.2, 5));
  for (let v = 0; v < n; v++) {
    const label = labels[v]!;
    const a = Math.max(0.01, intensity[label]! * (1 + grain * mottle[v]! + shade * slow[v]!));
    tissue[v] = a;
    // Perfusion: small, uneven, with spots where a fine field is high (small vessels).
    const high = other[v]! - 1.5;
    uptake[v] = uptakes[label]! + spread * slow[v]! + (high > 0 ? spots * high : 0);
    // Small vessels run in the fluid between the folds, here and there.
    if (pial > 0 && label % 3 === 0 && warp[v]! > 0.3) uptake[v]! += pial * Math.min(1, warp[v]! - 0.3);
    change[v] = changes[label]! + unlike * other[v]! - drift * warp[v]! * 0.5;
  }
  return { shape, tissue, uptake, change, warp, mottle, slow };
}

const LABELS = 12;

function labelTables(draws: Draws): readonly [Float64Array, Float64Array, Float64Array] {
  const table = (value: (label: number) => number) => Float64Array.from({ length: LABELS }, (_, label) => value(label));
  const low = draws.uniform(0.05, 0.5);
  const agent = draws.chance(0.8) ? draws.logUniform(0.01, 0.3) : 0;
  const contrast = draws.logUniform(0.01, 0.3);
  return [
    table(() => draws.uniform(low, 1)),
    table(() => agent * draws.uniform(-0.25, 0.75) ** 2 * draws.uniform(-0.2, 1)),
    table(() => contrast * draws.normal()),
  ];
}

/** Sum of fields, each finer and weaker. */
function layered(draws: Draws, shape: Vec3): Float32Array {
  const cell = draws.logUniform(7, 26);
  const out = smoothField(draws, shape, cell);
  for (const [ratio, weight] of [
    [0.45, draws.uniform(0.1, 0.7)],
    [0.22, draws.uniform(0, 0.35)],
  ] as const) {
    const finer = smoothField(draws, shape, Math.max(1.5, ratio * cell));
    for (let v = 0; v < out.length; v++) out[v]! += weight * finer[v]!;
  }
  return out;
}

function regions(draws: Draws, shape: Vec3, n: number): Uint8Array {
  const field = layered(draws, shape);
  const count = draws.between(0, 8);
  const steps = Float64Array.from({ length: count }, () => draws.uniform(-1.8, 1.8)).sort();
  const labels = new Uint8Array(n);
  for (let v = 0; v < n; v++) {
    let label = 0;
    while (label < count && field[v]! > steps[label]!) label++;
    labels[v] = label;
  }
  return labels;
}

function folds(draws: Draws, shape: Vec3, deep: Float32Array): Uint8Array {
  const field = layered(draws, shape);
  const fluid = draws.uniform(0.03, 0.3);
  const cortex = fluid + draws.uniform(0.15, 0.6);
  const level = draws.uniform(0.3, 1.6);
  const labels = new Uint8Array(deep.length);
  for (let v = 0; v < labels.length; v++) {
    const distance = Math.abs(field[v]!);
    const layer = distance < fluid ? 0 : distance < cortex ? 1 : 2;
    labels[v] = layer + (deep[v]! > level ? 3 : deep[v]! < -level ? 6 : 0);
  }
  return labels;
}
