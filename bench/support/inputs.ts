import { createGrid, createVolume, type Volume } from "../../src/index.js";
import { fillNormal } from "../../src/internal/random.js";

const grid = createGrid({ shape: [240, 240, 155] });

/** A head-sized ball of smooth signal with noise in it, 240×240×155 float32; zero outside, like a stripped scan. */
export function brainSizedVolume(seed = 1): Volume {
  const [ni, nj, nk] = grid.shape;
  const data = new Float32Array(ni * nj * nk);
  fillNormal(data, seed);
  for (let k = 0, v = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++, v++) {
        const r = Math.hypot((i - 120) / 70, (j - 120) / 85, (k - 77) / 65);
        data[v] = r < 1 ? 600 + 150 * Math.sin(i / 9) * Math.cos(j / 11) * Math.sin(k / 7) + 20 * data[v]! : 0;
      }
  return createVolume(data, grid);
}

/** A pre- and a post-contrast scan of that size. */
export function brainSizedPair(): { readonly pre: Volume; readonly post: Volume } {
  return { pre: brainSizedVolume(1), post: brainSizedVolume(2) };
}
