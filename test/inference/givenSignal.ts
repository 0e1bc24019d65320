import { createGrid, createVolume, type Vec3 } from "../../src/index.js";
import type { LowDoseScan, Restorer } from "../../src/inference/restorer.js";
import { golden } from "../support/golden.js";

/** A restorer that finds these voxels in every scan. */
export const giving = (data: Float32Array): Restorer => ({
  name: "given",
  signal: ({ pre }) => createVolume(data.slice(), pre.grid),
});

interface Golden<S> {
  readonly dose: number;
  readonly noise: number;
  readonly pre: Float32Array;
  readonly low: Float32Array;
  readonly given: Float32Array;
  readonly brain: Uint8Array;
  readonly signal: S;
}

/** A golden file of what another program makes of a given signal of a scan. */
export function goldenScan<S>(name: string, shape: Vec3): Golden<S> & { readonly scan: LowDoseScan } {
  const file = golden<Golden<S>>(name);
  const grid = createGrid({ shape });
  const { pre, low, dose, brain } = file;
  return { ...file, scan: { pre: createVolume(pre, grid), low: createVolume(low, grid), dose, brain: { grid, data: brain } } };
}
