import type { Mask } from "../core/volume.js";
import { type ConnectedComponentsOptions, connectedComponents } from "../filters/connectedComponents.js";
import type { LesionAxes } from "./lesion.js";
import { axesOfVoxels } from "./lesionAxes.js";

export interface LesionsOfOptions extends ConnectedComponentsOptions {
  /** Smaller components are left out: fewer voxels than this. Default 1. */
  readonly minVoxels?: number;
}

/**
 * Tells the lesions of a mask apart and gives the axes of each, the largest (by voxels) first.
 *
 * @param mask all lesions of a case, on a grid whose axes are at right angles; may be empty
 * @returns {@link lesionAxes} of each connected component; none for an empty mask
 * @throws `unsupported` if the grid is sheared, `out-of-range` if `connectivity` is not 6, 18 or 26
 * @example
 * const { pairs, missed } = matchLesions(lesionsOf(truth).map(lesionFromAxes), lesionsOf(segmented).map(lesionFromAxes));
 */
export function lesionsOf(mask: Mask, { minVoxels = 1, ...options }: LesionsOfOptions = {}): readonly LesionAxes[] {
  const { labels, sizes } = connectedComponents(mask, options);
  const voxels = sizes.map((): number[] => []);
  labels.forEach((label, v) => {
    if (label > 0) voxels[label - 1]!.push(v);
  });
  return voxels.filter((list) => list.length >= minVoxels).map((list) => axesOfVoxels(list, mask.grid));
}
