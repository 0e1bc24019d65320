import { createGrid, createVolume } from "gadolinite";
import type { Tensor } from "gadolinite/backend";
import { boxMean } from "gadolinite/filters";

/**
 * The weights of a batch, each the mean of its box. A weight that follows what enhances voxel by voxel asks for enhancement wherever there might be some;
 * spread over a box it still favours what enhances as a whole, and makes up fewer small things.
 *
 * @param weight [batch, 1, k, j, i]; 0 stays 0
 */
export function spreadWeights({ dims, data }: Tensor, radius: number): Tensor {
  const [batch, , nk, nj, ni] = dims as [number, number, number, number, number];
  const grid = createGrid({ shape: [ni, nj, nk] });
  const out = new Float32Array(data.length);
  const size = out.length / batch;
  for (let at = 0; at < out.length; at += size) {
    const own = data.subarray(at, at + size) as Float32Array;
    const mean = boxMean(createVolume(own, grid), { radius }).data;
    for (let v = 0; v < size; v++) if (own[v]! > 0) out[at + v] = mean[v]!;
  }
  return { dims, data: out };
}
