import type { Mask, Volume } from "../core/volume.js";
import { connectedComponents } from "../filters/connectedComponents.js";
import { gaussian } from "../filters/gaussian.js";
import { checkFiniteNumber, checkFiniteVoxels, checkMask, checkNonNegative, checkSameGrid } from "../internal/check.js";

export interface FalseSignalOptions {
  /** Where false signal counts. */
  readonly brain: Mask;
  /** Restored enhancement above this would be seen; brain's 95th percentile = 1. Default 0.2. */
  readonly above?: number;
  /** True enhancement below this is none. Default 0.05. */
  readonly below?: number;
  /** Width of the Gaussian over the true enhancement, in voxels, which takes its noise off. Default 1. */
  readonly sigmaVoxels?: number;
}

export interface FalseSignal {
  /** Part of the brain's voxels that enhance in the test scan only. */
  readonly share: number;
  /** Voxels of the largest group of them that touch by faces; 0 if there are none. */
  readonly largest: number;
}

/**
 * How much contrast agent a restored scan shows where there is none: voxels with
 *
 *     test − pre > above   and   G_σ ∗ (post − pre) < below
 *
 * @param pre scan before the agent
 * @param post standard-dose scan, the truth, calibrated to `pre`
 * @param test restored scan
 * @throws `grid-mismatch`, `empty-mask`; `out-of-range` if a voxel is NaN or infinite, or for options out of range
 * @example
 * const { share, largest } = falseSignal(pre, post, restored, { brain });
 */
export function falseSignal(
  pre: Volume,
  post: Volume,
  test: Volume,
  { brain, above = 0.2, below = 0.05, sigmaVoxels = 1 }: FalseSignalOptions,
): FalseSignal {
  checkSameGrid(pre.grid, post.grid, test.grid);
  const count = checkMask("The brain mask", brain, pre.grid);
  checkFiniteNumber("above", above);
  checkFiniteNumber("below", below);
  checkNonNegative("sigmaVoxels", sigmaVoxels);
  checkFiniteVoxels("The test volume", test.data);
  const enhancement = new Float32Array(post.data.length);
  for (let i = 0; i < enhancement.length; i++) enhancement[i] = post.data[i]! - pre.data[i]!;
  const truth = gaussian({ grid: pre.grid, data: enhancement }, { sigmaVoxels }).data;
  const data = new Uint8Array(truth.length);
  let found = 0;
  for (let i = 0; i < data.length; i++)
    if (brain.data[i] && test.data[i]! - pre.data[i]! > above && truth[i]! < below) {
      data[i] = 1;
      found++;
    }
  const largest = found === 0 ? 0 : connectedComponents({ grid: pre.grid, data }, { connectivity: 6 }).sizes[0]!;
  return { share: found / count, largest };
}
