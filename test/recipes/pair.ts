import { createGrid, createMask, createVolume, type Study } from "../../src/index.js";
import { createRandom } from "../../src/internal/random.js";

/** A small stripped "head" with a lesion: a ball of textured tissue in an empty box, another gain after contrast, some noise. */
export function smallStudy(seed: number, { gain = 1.7, noise = 4 } = {}): Study {
  const grid = createGrid({ shape: [30, 28, 26] });
  const [ni, nj, nk] = grid.shape;
  const n = ni * nj * nk;
  const random = createRandom(seed);
  const [pre, post, brain, lesions] = [new Float32Array(n), new Float32Array(n), new Uint8Array(n), new Uint8Array(n)];
  for (let k = 0, v = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++, v++) {
        if (Math.hypot(i - 15, j - 14, k - 13) > 9.5) continue;
        brain[v] = 1;
        lesions[v] = Math.hypot(i - 18, j - 14, k - 13) < 3 ? 1 : 0;
        const tissue = 300 + 60 * Math.sin(i / 2) * Math.cos(j / 3) + 30 * Math.cos(k / 2);
        pre[v] = tissue + random.normal(0, noise);
        post[v] = gain * (tissue + (lesions[v] ? 160 : 6) + random.normal(0, noise));
      }
  return {
    id: `small-${seed}`,
    patient: `small-${seed}`,
    preContrast: createVolume(pre, grid),
    postContrast: [{ volume: createVolume(post, grid), dose: 1 }],
    others: {},
    acquisition: {},
    brain: createMask(brain, grid),
    lesions: createMask(lesions, grid),
  };
}
