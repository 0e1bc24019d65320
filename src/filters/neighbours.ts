import { GadoliniteError } from "../core/errors.js";

/** Which voxels touch: those that share a face (6), a face or an edge (18), or a face, an edge or a corner (26). */
export type Connectivity = 6 | 18 | 26;

/** A neighbouring row, by its distance along j and k, and how far along i its voxels still touch: 0 or 1. */
export interface NeighbourRow {
  readonly dj: number;
  readonly dk: number;
  readonly reach: 0 | 1;
}

/** The rows around a row that hold neighbours of its voxels, its own included, in memory order. */
export function neighbourRows(connectivity: Connectivity): NeighbourRow[] {
  const steps = { 6: 1, 18: 2, 26: 3 }[connectivity];
  const rows: NeighbourRow[] = [];
  for (let dk = -1; dk <= 1; dk++)
    for (let dj = -1; dj <= 1; dj++) {
      const rest = steps - Math.abs(dj) - Math.abs(dk);
      if (rest >= 0) rows.push({ dj, dk, reach: rest > 0 ? 1 : 0 });
    }
  return rows;
}

export function checkConnectivity(connectivity: number): void {
  if (connectivity !== 6 && connectivity !== 18 && connectivity !== 26)
    throw new GadoliniteError("out-of-range", `connectivity must be 6, 18 or 26, but is ${connectivity}.`);
}
