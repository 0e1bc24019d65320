import type { Mask } from "../core/volume.js";
import type { ConnectedComponentsOptions } from "./connectedComponents.js";
import { checkConnectivity } from "./neighbours.js";
import { connectedRuns } from "./runs.js";
import { sizesOf, writeLabels } from "./runVoxels.js";

/**
 * The largest connected part of a mask; of two of one size the one that comes first in memory order.
 *
 * @returns a new mask; empty if `mask` is
 * @throws `out-of-range` if `connectivity` is not 6, 18 or 26
 * @example
 * const brain = largestComponent(candidates);
 */
export function largestComponent(mask: Mask, { connectivity = 26 }: ConnectedComponentsOptions = {}): Mask {
  checkConnectivity(connectivity);
  const runs = connectedRuns(mask.data, 1, mask.grid.shape, connectivity);
  const { order, size } = sizesOf(runs);
  const chosen = new Uint8Array(size.length);
  if (order.length > 0) chosen[order.reduce((best, n) => (size[n]! > size[best]! ? n : best))] = 1;
  const data = new Uint8Array(mask.data.length);
  writeLabels(data, runs, chosen);
  return { grid: mask.grid, data };
}
