import type { Mask } from "../core/volume.js";
import type { ConnectedComponentsOptions } from "./connectedComponents.js";
import { checkConnectivity } from "./neighbours.js";
import { bySize, connectedRuns } from "./runs.js";

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
  const largest = bySize(runs).order[0];
  const data = new Uint8Array(mask.data.length);
  for (let run = 0; run < runs.root.length; run++) if (runs.root[run] === largest) data.fill(1, runs.start[run]!, runs.end[run]!);
  return { grid: mask.grid, data };
}
