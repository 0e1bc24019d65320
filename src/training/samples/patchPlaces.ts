import type { Vec3 } from "../../core/grid.js";
import type { Mask } from "../../core/volume.js";
import type { Draws } from "../procedural/draws.js";

/** Where patches of one case may lie. */
export interface PatchPlaces {
  readonly shape: Vec3;
  /** Centres of the grid's patches that hold brain, three numbers each. */
  readonly centres: Int32Array;
  /** Voxels of lesions. */
  readonly lesionVoxels: readonly number[];
}

export interface PatchPlacesOptions {
  readonly patch: Vec3;
  /** Voxels between the patches of the grid. Default half a patch. */
  readonly gridStep?: number;
  /** Least part of a patch that is brain. */
  readonly brainShare: number;
}

/** Lays a grid of patches over a brain, and keeps those that hold enough of it. */
export function patchPlaces(
  brain: Mask,
  lesions: Mask | undefined,
  { patch, gridStep, brainShare }: PatchPlacesOptions,
): PatchPlaces {
  const step = gridStep === undefined ? patch.map((n) => Math.max(1, n >> 1)) : [gridStep, gridStep, gridStep];
  const lesionVoxels: number[] = [];
  lesions?.data.forEach((inside, v) => {
    if (inside) lesionVoxels.push(v);
  });
  return { shape: brain.grid.shape, centres: gridCentres(brain, patch, step, brainShare), lesionVoxels };
}

function gridCentres({ grid: { shape }, data }: Mask, patch: Vec3, step: readonly number[], brainShare: number): Int32Array {
  const along = (axis: number) => {
    const last = Math.max(0, shape[axis]! - patch[axis]!);
    const starts: number[] = [];
    for (let start = 0; start < last; start += step[axis]!) starts.push(start);
    return [...starts, last];
  };
  const centres: number[] = [];
  let best = { brain: -1, centre: [0, 0, 0] };
  for (const k of along(2))
    for (const j of along(1))
      for (const i of along(0)) {
        const brain = brainVoxels(data, shape, [i, j, k], patch);
        const centre = [i + (patch[0] >> 1), j + (patch[1] >> 1), k + (patch[2] >> 1)];
        if (brain >= brainShare * patch[0] * patch[1] * patch[2] && brain > 0) centres.push(...centre);
        if (brain > best.brain) best = { brain, centre };
      }
  // A small brain may fill no patch enough: then the fullest serves.
  return Int32Array.from(centres.length > 0 ? centres : best.centre);
}

function brainVoxels(brain: Uint8Array, [ni, nj, nk]: Vec3, [i0, j0, k0]: Vec3, [pi, pj, pk]: Vec3): number {
  let count = 0;
  for (let k = k0; k < Math.min(nk, k0 + pk); k++)
    for (let j = j0; j < Math.min(nj, j0 + pj); j++)
      for (let v = i0 + ni * (j + nj * k), end = v + Math.min(pi, ni - i0); v < end; v++) count += brain[v]!;
  return count;
}

/** Where a patch of size `from` begins: drawn from the grid, or about a lesion. */
export function drawStart(
  draws: Draws,
  places: PatchPlaces,
  from: Vec3,
  settings: { readonly patch: Vec3; readonly lesionShare: number },
): Vec3 {
  const centre = drawCentre(draws, places, settings);
  return centre.map((c, axis) => startOf(c, from[axis]!, places.shape[axis]!)) as unknown as Vec3;
}

/** A patch of the grid, moved by up to a quarter of a patch, or one that holds a voxel of a lesion in its middle half. */
function drawCentre(
  draws: Draws,
  { centres, lesionVoxels, shape: [ni, nj] }: PatchPlaces,
  { patch, lesionShare }: { readonly patch: Vec3; readonly lesionShare: number },
): number[] {
  const shift = patch.map((n) => Math.round(draws.uniform(-0.25, 0.25) * n));
  const chosen = draws.chance(lesionShare) && lesionVoxels.length > 0;
  const voxel = chosen ? lesionVoxels[draws.integer(lesionVoxels.length)]! : -1;
  const place = draws.integer(centres.length / 3);
  const at = chosen
    ? [voxel % ni, Math.floor(voxel / ni) % nj, Math.floor(voxel / (ni * nj))]
    : [centres[3 * place]!, centres[3 * place + 1]!, centres[3 * place + 2]!];
  return at.map((x, axis) => x + shift[axis]!);
}

/** Inside the volume; in the middle where it is smaller than the patch. */
function startOf(centre: number, size: number, n: number): number {
  if (n <= size) return -((size - n) >> 1);
  return Math.max(0, Math.min(n - size, centre - (size >> 1)));
}

/** Some voxels of a volume; `padValue` outside of it. */
export function cutPatch<T extends Float32Array | Uint8Array>(
  data: T,
  [ni, nj, nk]: Vec3,
  start: Vec3,
  [pi, pj, pk]: Vec3,
  padValue = 0,
): T {
  const out = new (data.constructor as { new (length: number): T })(pi * pj * pk);
  if (padValue !== 0) out.fill(padValue);
  const low = Math.max(0, 0 - start[0]);
  const high = Math.min(pi, ni - start[0]);
  for (let k = 0; k < pk; k++)
    for (let j = 0; j < pj; j++) {
      const [row, slice] = [start[1] + j, start[2] + k];
      if (row < 0 || row >= nj || slice < 0 || slice >= nk) continue;
      const from = start[0] + ni * (row + nj * slice);
      out.set(data.subarray(from + low, from + high) as T & ArrayLike<number>, pi * (j + pj * k) + low);
    }
  return out;
}
