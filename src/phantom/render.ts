import { type Affine, type Grid, spacingMm, type Vec3 } from "../core/grid.js";
import type { Acquisition } from "../core/study.js";

import { type Head, paintHead } from "./head.js";
import { createLayers, type Layers } from "./layers.js";
import { phantomLabels, STRUCTURES, t1AtField, tissueOf, tissueSignal } from "./structures.js";

/** Signal of normal white matter before the agent, noise, bias and window. */
export const NORMAL_SIGNAL = 1000;

/** The physics of one examination, tabulated by structure. */
export interface Physics {
  readonly acquisition: Required<Acquisition>;
  /** Relaxivity r1, L/(mmol·s). */
  readonly relaxivity: number;
  /** By structure. */
  readonly t1Ms: Float64Array;
  readonly t2Ms: Float64Array;
  readonly protonDensity: Float64Array;
  /** At the standard dose, mmol/L. */
  readonly uptake: Float64Array;
  /** Makes normal white matter {@link NORMAL_SIGNAL}. */
  readonly scale: number;
}

export function createPhysics(acquisition: Required<Acquisition>, relaxivity: number, uptakeFactor: number): Physics {
  const tissues = STRUCTURES.map(tissueOf);
  const table = (value: (tissue: (typeof tissues)[number]) => number) => Float64Array.from(tissues, value);
  const white = tissueOf("white matter");
  const t1Ms = t1AtField(white, acquisition.fieldStrengthT);
  return {
    acquisition,
    relaxivity,
    t1Ms: table((t) => t1AtField(t, acquisition.fieldStrengthT)),
    t2Ms: table((t) => t.t2Ms),
    protonDensity: table((t) => t.protonDensity),
    uptake: table((t) => t.uptake * uptakeFactor),
    scale: NORMAL_SIGNAL / tissueSignal({ ...white, t1Ms }, acquisition, relaxivity, 0),
  };
}

/** Signal of each structure (last index) at each dose, for a normal uptake. */
function signalTable(physics: Physics, doses: readonly number[]): Float64Array {
  const count = STRUCTURES.length;
  const table = new Float64Array(doses.length * count);
  doses.forEach((dose, d) => {
    for (let s = 0; s < count; s++) table[d * count + s] = structureSignal(physics, s, dose);
  });
  return table;
}

function structureSignal(
  { acquisition, relaxivity, t1Ms, t2Ms, protonDensity, uptake, scale }: Physics,
  s: number,
  dose: number,
) {
  const tissue = { t1Ms: t1Ms[s]!, t2Ms: t2Ms[s]!, protonDensity: protonDensity[s]! };
  return scale * tissueSignal(tissue, acquisition, relaxivity, dose * uptake[s]!);
}

const AIR = phantomLabels.air;

/** What is written of each voxel besides the signals; left out for a scan of the moved head. */
export interface TruthArrays {
  readonly labels: Uint8Array;
  readonly lesionLabels: Uint8Array;
  readonly brain: Uint8Array;
  readonly concentration: Float32Array;
  readonly r1PerS: Float32Array;
  readonly protonDensity: Float32Array;
  /** The lesions' share of the voxel being made, one number. */
  readonly lesionShare: Float64Array;
}

export function createTruthArrays(voxels: number): TruthArrays {
  return {
    labels: new Uint8Array(voxels),
    lesionLabels: new Uint8Array(voxels),
    brain: new Uint8Array(voxels),
    concentration: new Float32Array(voxels),
    r1PerS: new Float32Array(voxels),
    protonDensity: new Float32Array(voxels),
    lesionShare: new Float64Array(1),
  };
}

/** A head in a scanner: makes the noise-free signal of one slice after another. */
export interface Renderer {
  readonly head: Head;
  readonly grid: Grid;
  readonly physics: Physics;
  /** 0 is the pre-contrast scan. */
  readonly doses: readonly number[];
  readonly table: Float64Array;
  /** World of the scan → world of the pre-contrast scan's head. */
  readonly toHead: Affine;
  /** Points per voxel along each axis: thick slices are averaged over several. */
  readonly points: Vec3;
  readonly layers: Layers;
  readonly sums: Float64Array;
  readonly signals: Float64Array;
}

/** Points per voxel along each axis, and the size in mm of what each stands for. */
export function subdivide(grid: Grid): { readonly points: Vec3; readonly voxelMm: number } {
  const size = spacingMm(grid);
  const finest = Math.min(...size);
  const points = size.map((s) => Math.min(8, Math.max(1, Math.round(s / finest)))) as unknown as Vec3;
  return { points, voxelMm: Math.cbrt(size.reduce((product, s, axis) => product * (s / points[axis]!), 1)) };
}

export function createRenderer(head: Head, grid: Grid, physics: Physics, doses: readonly number[], toHead: Affine): Renderer {
  return {
    head,
    grid,
    physics,
    doses,
    table: signalTable(physics, doses),
    toHead,
    points: subdivide(grid).points,
    layers: createLayers(),
    sums: new Float64Array(STRUCTURES.length),
    signals: new Float64Array(doses.length),
  };
}

/** Writes slice k of each dose's scan, multiplied by the bias, and what is true of it. */
export function renderSlice(
  renderer: Renderer,
  k: number,
  bias: Float32Array,
  scans: readonly Float32Array[],
  truth?: TruthArrays,
): void {
  const { grid, signals, points } = renderer;
  const [ni, nj] = grid.shape;
  const share = 1 / (points[0] * points[1] * points[2]);
  for (let j = 0; j < nj; j++)
    for (let i = 0; i < ni; i++) {
      const voxel = i + ni * (j + nj * k);
      for (let d = 0; d < signals.length; d++) signals[d] = 0;
      for (let c = 0; c < points[2]; c++)
        for (let b = 0; b < points[1]; b++)
          for (let a = 0; a < points[0]; a++)
            renderPoint(
              renderer,
              i + (a + 0.5) / points[0] - 0.5,
              j + (b + 0.5) / points[1] - 0.5,
              k + (c + 0.5) / points[2] - 0.5,
              voxel,
              share,
              truth,
            );
      for (let d = 0; d < scans.length; d++) scans[d]![voxel] = bias[voxel]! * signals[d]!;
      if (truth) finishVoxel(renderer, voxel, truth);
    }
}

function renderPoint(
  renderer: Renderer,
  i: number,
  j: number,
  k: number,
  voxel: number,
  share: number,
  truth?: TruthArrays,
): void {
  const { affine: m } = renderer.grid;
  const t = renderer.toHead;
  const x = m[0]! * i + m[1]! * j + m[2]! * k + m[3]!;
  const y = m[4]! * i + m[5]! * j + m[6]! * k + m[7]!;
  const z = m[8]! * i + m[9]! * j + m[10]! * k + m[11]!;
  const inBrain = paintHead(
    renderer.head,
    t[0]! * x + t[1]! * y + t[2]! * z + t[3]!,
    t[4]! * x + t[5]! * y + t[6]! * z + t[7]!,
    t[8]! * x + t[9]! * y + t[10]! * z + t[11]!,
    renderer.layers,
  );
  // Half of the voxels are air: nothing to add.
  if (renderer.layers.count === 1 && renderer.layers.structure[0] === AIR) return;
  addSignals(renderer, share);
  if (!truth) return;
  addTruth(renderer, voxel, share, truth);
  if (inBrain) truth.brain[voxel] = 1;
}

/** Adds the layers' signals: a voxel's signal is the sum of its parts', each with its own T1. */
function addSignals({ layers, table, signals, physics, doses }: Renderer, weight: number): void {
  const { count, structure, share, uptake } = layers;
  const structures = STRUCTURES.length;
  for (let n = 0; n < count; n++) {
    const s = structure[n]!;
    const w = share[n]! * weight;
    if (uptake[n] === 1) for (let d = 0; d < signals.length; d++) signals[d] = signals[d]! + w * table[d * structures + s]!;
    else
      for (let d = 0; d < signals.length; d++) signals[d] = signals[d]! + w * structureSignal(physics, s, doses[d]! * uptake[n]!);
  }
}

function addTruth({ layers, physics, sums }: Renderer, voxel: number, weight: number, truth: TruthArrays): void {
  const { count, structure, share, uptake, lesion } = layers;
  let concentration = 0;
  let density = 0;
  let rate = 0;
  let lesionShare = 0;
  let number = 0;
  let best = truth.labels[voxel]!;
  for (let n = 0; n < count; n++) {
    const s = structure[n]!;
    const w = share[n]! * weight;
    sums[s] = sums[s]! + w;
    if (sums[s]! > sums[best]!) best = s;
    concentration += w * uptake[n]! * physics.uptake[s]!;
    density += w * physics.protonDensity[s]!;
    rate += (w * physics.protonDensity[s]! * 1000) / physics.t1Ms[s]!;
    if (lesion[n]) {
      lesionShare += w;
      number = lesion[n]!;
    }
  }
  truth.labels[voxel] = best;
  truth.concentration[voxel] = truth.concentration[voxel]! + concentration;
  truth.protonDensity[voxel] = truth.protonDensity[voxel]! + density;
  truth.r1PerS[voxel] = truth.r1PerS[voxel]! + rate;
  if (number) {
    truth.lesionLabels[voxel] = number;
    truth.lesionShare[0] = truth.lesionShare[0]! + lesionShare;
  }
}

/** Turns the sums over a voxel's points into its mean rate and its lesion. */
function finishVoxel({ sums, layers, points }: Renderer, voxel: number, truth: TruthArrays): void {
  // Of a single point the layers tell which sums are not 0.
  if (points[0] * points[1] * points[2] > 1) sums.fill(0);
  else for (let n = 0; n < layers.count; n++) sums[layers.structure[n]!] = 0;
  const density = truth.protonDensity[voxel]!;
  truth.r1PerS[voxel] = density > 0 ? truth.r1PerS[voxel]! / density : 0;
  if (truth.lesionLabels[voxel] === 0) return;
  if (truth.lesionShare[0]! > 0.5) truth.brain[voxel] = 1;
  else truth.lesionLabels[voxel] = 0;
  truth.lesionShare[0] = 0;
}
