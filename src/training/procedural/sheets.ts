import type { Anatomy } from "./anatomy.js";
import type { Draws } from "./draws.js";
import { smoothStep } from "./lesions.js";

/** A surface that halves the patch, about: for each voxel the distance from it in voxels, to first order. */
export function bentPlane(draws: Draws, { shape: [ni, nj, nk], warp, slow }: Anatomy, offset: number): Float32Array {
  const [x, y, z] = draws.direction();
  const bend = draws.uniform(0, 2.5);
  const fine = draws.uniform(0, 0.6);
  const distance = new Float32Array(ni * nj * nk);
  for (let k = 0, v = 0; k < nk; k++)
    for (let j = 0; j < nj; j++) {
      const start = (j - nj / 2) * y + (k - nk / 2) * z + offset;
      for (let i = 0; i < ni; i++, v++) distance[v] = start + (i - ni / 2) * x + bend * slow[v]! + fine * warp[v]!;
    }
  return distance;
}

/** Adds enhancing sheets (dura, falx, tentorium, plexus, mucosa) and, rarely, a whole side of strongly enhancing tissue. */
export function addSheets(draws: Draws, anatomy: Anatomy): void {
  const { shape, tissue, uptake, mottle } = anatomy;
  const reach = 0.5 * Math.max(...shape);
  if (draws.chance(0.75))
    for (let n = draws.between(1, 2); n > 0; n--)
      addSheet(draws, anatomy, bentPlane(draws, anatomy, draws.uniform(-reach, reach)));
  if (draws.chance(0.18)) {
    const side = bentPlane(draws, anatomy, -draws.uniform(0, reach));
    const amplitude = draws.logUniform(0.15, 1.6);
    for (let v = 0; v < side.length; v++) {
      const inside = smoothStep(side[v]!);
      if (inside === 0) continue;
      uptake[v]! += amplitude * inside * Math.max(0, 1 + 0.6 * mottle[v]!);
      tissue[v]! *= 1 + 0.3 * inside * mottle[v]!;
    }
  }
}

/** A sheet in part of the surface: the uptake within its thickness, patchy, and the tissue darker or brighter. */
export function addSheet(draws: Draws, { tissue, uptake, warp, mottle }: Anatomy, distance: Float32Array): void {
  const half = 0.5 * draws.logUniform(0.5, 2.5);
  const amplitude = draws.logUniform(0.2, 2.2);
  const from = draws.uniform(-2.5, 0.8);
  const patchy = draws.uniform(0, 0.6);
  const shade = draws.uniform(-0.6, 0.3);
  for (let v = 0; v < distance.length; v++) {
    const inside = half + 0.5 - Math.abs(distance[v]!);
    if (inside <= 0 || warp[v]! < from) continue;
    const share = Math.min(1, inside) * smoothStep(2 * (warp[v]! - from));
    tissue[v]! *= 1 + shade * share;
    uptake[v]! += amplitude * share * Math.max(0, 1 + patchy * mottle[v]!);
  }
}
