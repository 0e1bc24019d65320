import { boundingBox } from "../core/boundingBox.js";
import { GadoliniteError } from "../core/errors.js";
import { type Grid, spacingMm } from "../core/grid.js";
import type { Mask } from "../core/volume.js";
import { crop, uncrop } from "../geometry/crop.js";
import { checkNonNegative, checkNonNegativeInteger } from "../internal/check.js";
import { distanceTransform } from "./distanceTransform.js";
import { type Connectivity, checkConnectivity, neighbourRows } from "./neighbours.js";

/** How far a mask grows or shrinks: by a ball in mm, or voxel by voxel. */
export interface MorphologyOptions {
  /** Radius in mm of a ball, 0 or more; voxels whose centres lie exactly at the radius belong to it. Not together with the other two. */
  readonly radiusMm?: number;
  /** Number of steps from voxel to voxel, 0 or more. Default 1. */
  readonly iterations?: number;
  /** Where a step leads: over a face (6), also an edge (18), also a corner (26). Default 6 (SciPy's). */
  readonly connectivity?: Connectivity;
}

/** Throws `out-of-range` unless the options are in range and say either a radius or steps. */
export function checkMorphology({ radiusMm, iterations, connectivity }: MorphologyOptions): void {
  if (radiusMm !== undefined && (iterations !== undefined || connectivity !== undefined))
    throw new GadoliniteError("out-of-range", "Give either radiusMm or iterations and connectivity, not both.");
  checkNonNegative("radiusMm", radiusMm ?? 0);
  checkNonNegativeInteger("iterations", iterations ?? 1);
  checkConnectivity(connectivity ?? 6);
}

/** How many voxels a mask grows by at most, along any axis. */
export function reachVoxels(grid: Grid, { radiusMm, iterations = 1 }: MorphologyOptions): number {
  return radiusMm === undefined ? iterations : Math.ceil(radiusMm / Math.min(...spacingMm(grid)));
}

/** Does the work within the box around the mask and a margin; what lies beyond it stays empty. */
export function withinBox(mask: Mask, marginVoxels: number, work: (part: Mask) => Mask): Mask {
  if (!mask.data.includes(1)) return { grid: mask.grid, data: new Uint8Array(mask.data.length) };
  const box = boundingBox(mask, { marginVoxels });
  return uncrop(work(crop(mask, box)), box, mask.grid);
}

/** All voxels of the grid within reach of the mask. */
export function grow(mask: Mask, { radiusMm, iterations = 1, connectivity = 6 }: MorphologyOptions): Mask {
  return radiusMm === undefined ? growBySteps(mask, iterations, connectivity) : growByBall(mask, radiusMm);
}

function growByBall(mask: Mask, radiusMm: number): Mask {
  const distance = distanceTransform(mask).data;
  // Both sides in float32, so that 3 × 0.1 mm lies within 0.3 mm.
  const radius = Math.fround(radiusMm);
  const data = new Uint8Array(distance.length);
  for (let i = 0; i < data.length; i++) data[i] = distance[i]! <= radius ? 1 : 0;
  return { grid: mask.grid, data };
}

function growBySteps({ grid, data }: Mask, iterations: number, connectivity: Connectivity): Mask {
  let grown = data.slice();
  for (let n = 0; n < iterations; n++) grown = step(grown, grid, connectivity);
  return { grid, data: grown };
}

function step(inside: Uint8Array, { shape: [ni, nj, nk] }: Grid, connectivity: Connectivity): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(inside.length);
  const wide = spreadAlongI(inside, ni);
  const rows = neighbourRows(connectivity);
  for (let k = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (const { dj, dk, reach } of rows) {
        if (j + dj < 0 || j + dj >= nj || k + dk < 0 || k + dk >= nk) continue;
        addRow(out, ni * (j + nj * k), reach ? wide : inside, ni * (j + dj + nj * (k + dk)), ni);
      }
  return out;
}

/** Each row united with itself moved by one to either side. */
function spreadAlongI(inside: Uint8Array, ni: number): Uint8Array {
  const wide = inside.slice();
  for (let row = 0; row < inside.length; row += ni)
    for (let i = row + 1; i < row + ni; i++) {
      wide[i]! |= inside[i - 1]!;
      wide[i - 1]! |= inside[i]!;
    }
  return wide;
}

function addRow(out: Uint8Array, to: number, inside: Uint8Array, from: number, ni: number): void {
  for (let i = 0; i < ni; i++) out[to + i]! |= inside[from + i]!;
}
