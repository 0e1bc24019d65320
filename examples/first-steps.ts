/** First steps: from an `ndarray`, and from files. Run with `npx tsx examples/first-steps.ts [T1.nii.gz T1CE.nii.gz]`. */
import { pathToFileURL } from "node:url";
import { createGrid, type Study } from "gadolinite";
import { simulateDose } from "gadolinite/dose";
import { maskedExtrapolation, restoreDose } from "gadolinite/inference";
import { psnr, relativeEnhancement } from "gadolinite/metrics";
import { asNdarray, fromNdarray } from "gadolinite/ndarray";
import { loadVolume } from "gadolinite/node";
import { createPhantom } from "gadolinite/phantom";
import { prepareStudy } from "gadolinite/recipes";
import ndarray from "ndarray";

/** Two tiny scans as ndarrays, in C order as NumPy or an ONNX model would have them: [k, j, i]. */
export function fromArrays(): { tenth: number; psnr: number } {
  const grid = createGrid({ shape: [2, 2, 1], spacingMm: [1, 1, 3] });
  const scan = (voxels: number[]) => ndarray(new Float32Array(voxels), [1, 2, 2]).transpose(2, 1, 0);
  const pre = fromNdarray(scan([100, 100, 100, 100]), grid);
  const post = fromNdarray(scan([100, 180, 260, 100]), grid);
  const low = simulateDose(pre, post, { dose: 0.1 });
  // A view, not a copy: what is written here is in the volume.
  return { tenth: asNdarray(low).get(1, 0, 0), psnr: psnr(post, low, { dataRange: 160 }) };
}

/** A pair of scans made comparable, a third of the dose simulated, and restored again. */
export async function fromStudy(study: Study): Promise<{ low: number; restored: number }> {
  const { pre, post, brain, lesions } = prepareStudy(study);
  const low = simulateDose(pre, post, { dose: 0.33 });
  const restored = await restoreDose(maskedExtrapolation(), { pre, low, dose: 0.33, brain });
  const region = lesions ?? brain;
  const enhancement = (test: typeof low) => relativeEnhancement(pre, post, test, region).mean;
  return { low: enhancement(low), restored: enhancement(restored) };
}

async function main([t1, t1ce]: readonly string[]): Promise<void> {
  const { tenth, psnr: decibel } = fromArrays();
  console.log(`A tenth of the dose: voxel (1, 0, 0) is ${tenth}, PSNR ${decibel.toFixed(2)} dB`);
  const study: Study =
    t1 && t1ce
      ? {
          id: t1,
          patient: t1,
          preContrast: await loadVolume(t1),
          postContrast: [{ volume: await loadVolume(t1ce), dose: 1 }],
          others: {},
          acquisition: {},
        }
      : await createPhantom({ seed: 1 });
  const { low, restored } = await fromStudy(study);
  console.log(`Relative enhancement at a third of the dose: ${low.toFixed(2)}, restored: ${restored.toFixed(2)}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
