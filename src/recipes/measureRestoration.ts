import { boundingBox } from "../core/boundingBox.js";
import { createGrid, type Grid, voxelCount } from "../core/grid.js";
import { createMask, createVolume, type Mask, type Volume } from "../core/volume.js";
import { dilate } from "../filters/dilate.js";
import { cep } from "../metrics/cep.js";
import { cnr } from "../metrics/cnr.js";
import { enhancementRegion } from "../metrics/enhancementRegion.js";
import { lbr } from "../metrics/lbr.js";
import { mae } from "../metrics/mae.js";
import { mse } from "../metrics/mse.js";
import { relativeEnhancement } from "../metrics/relativeEnhancement.js";
import { ssimMap } from "../metrics/ssim.js";
import type { PreparedStudy } from "./prepareStudy.js";

export type Region = "image" | "brain" | "box" | "lesion";

/** How near a scan comes to the standard-dose scan in one region; NaN where a measure is not defined there. */
export interface RestorationMeasures {
  readonly region: Region;
  /** dB; the range is that of the standard-dose scan. */
  readonly psnr: number;
  /** Uniform 7³ window, both scans mapped to [0, 1] by the standard-dose scan's range; mean of the map over the region. */
  readonly ssim: number;
  /** Mean absolute error in units of the brain's 95th percentile. */
  readonly mae: number;
  /** The same over the region's contrast-enhancing voxels. */
  readonly maeCe: number;
  /** c̄ and ĉ over the lesion (region `lesion`), else over the region's contrast-enhancing voxels. */
  readonly relativeMean: number;
  readonly relativeMax: number;
  /** Lesion against brain; only for the region `lesion`. */
  readonly cnr: number;
  readonly lbr: number;
  /** Lesion against pre-contrast; only for the region `lesion`. */
  readonly cep: number;
}

/** Measures a restored scan. Made by {@link restorationMeter}, which prepares what all scans of a study share. */
export type RestorationMeter = (test: Volume) => readonly RestorationMeasures[];

const WINDOW = 7;
// Normal-appearing brain keeps this distance from a lesion: partial volume and oedema.
const LESION_MARGIN_MM = 5;

/**
 * Prepares the measures of a study: the regions, the contrast-enhancing voxels, the range.
 *
 * The range of PSNR and SSIM is max − min of the standard-dose scan, one affine map a study, so that without noise
 * PSNR(d) = PSNR(0) − 20·log10(1 − d). Measures of `image` cover the whole scan: outside the prepared box both scans are 0,
 * which adds no error and an SSIM of 1.
 *
 * @see Chen et al. 2025, table 4; Pinetz et al. 2024, section 4.2; Bône et al. 2022, "Quantitative analysis"
 */
export function restorationMeter(study: PreparedStudy): RestorationMeter {
  const { pre, post, lesions } = study;
  const [low, high] = extremes(post, study);
  const range = high - low;
  const reference = above(low, post);
  const ssimOptions = { dataRange: range, window: { kind: "uniform", size: WINDOW } } as const;
  const enhancing = enhancementRegion(pre, post, { brain: study.brain });
  const parts = regionsOf(study, enhancing);
  const contrast = lesions && contrastMeter(study, lesions, enhancing);
  const share = voxelCount(pre.grid) / voxelCount(study.grid);

  return (test) => {
    const map = ssimMap(reference, above(low, test), ssimOptions);
    return parts.map(({ region, pick, truth, enhanced, related }) => {
      const seen = pick(test);
      const weight = region === "image" ? share : 1;
      return {
        region,
        psnr: 10 * Math.log10(range ** 2 / (weight * mse(truth, seen))),
        ssim: region === "image" ? meanInside(map, study.grid) : mean(pick(map)),
        mae: weight * mae(truth, seen),
        maeCe: enhanced ? mae(enhanced.truth, enhanced.pick(test)) : Number.NaN,
        ...relativeMeasures(related, test),
        ...(region === "lesion" && contrast ? contrast(test) : NO_CONTRAST),
      };
    });
  };
}

/** Some voxels of the study, side by side: measures over them need no mask, and cost what they hold. */
interface Voxels {
  readonly pick: (volume: Volume) => Volume;
  readonly before: Volume;
  readonly truth: Volume;
  readonly everything: Mask;
}

interface Part extends Voxels {
  readonly region: Region;
  /** Contrast-enhancing voxels of the region, and those whose relative enhancement is told; none if there is no such voxel. */
  readonly enhanced?: Voxels | undefined;
  readonly related?: Voxels | undefined;
}

function voxelsOf({ pre, post }: PreparedStudy, mask?: Mask): Voxels {
  const pick = mask ? picker(mask) : (volume: Volume) => volume;
  const before = pick(pre);
  return { pick, before, truth: pick(post), everything: createMask(new Uint8Array(before.data.length).fill(1), before.grid) };
}

function regionsOf(study: PreparedStudy, enhancing: Mask): readonly Part[] {
  const { brain, lesions } = study;
  const within = (mask: Mask) => {
    const inside = both(enhancing, mask);
    return inside && voxelsOf(study, inside);
  };
  const inBrain = within(brain);
  const part = (region: Region, mask: Mask | undefined, enhanced: Voxels | undefined, related = enhanced): Part => ({
    ...voxelsOf(study, mask),
    region,
    enhanced,
    related,
  });
  // Voxels enhance in the brain only, so the image has none that the brain has not.
  const large = [part("image", undefined, inBrain), part("brain", brain, inBrain)];
  if (!lesions) return large;
  const box = boxMask(lesions);
  return [...large, part("box", box, within(box)), part("lesion", lesions, within(lesions), voxelsOf(study, lesions))];
}

function relativeMeasures(voxels: Voxels | undefined, test: Volume) {
  if (!voxels) return { relativeMean: Number.NaN, relativeMax: Number.NaN };
  const { mean, max } = relativeEnhancement(voxels.before, voxels.truth, voxels.pick(test), voxels.everything);
  return { relativeMean: mean, relativeMax: max };
}

const NO_CONTRAST = { cnr: Number.NaN, lbr: Number.NaN, cep: Number.NaN };

/** CNR, LBR and CEP of the lesions against brain that neither enhances nor lies near them. */
function contrastMeter(study: PreparedStudy, lesions: Mask, enhancing: Mask): ((test: Volume) => typeof NO_CONTRAST) | undefined {
  const normal = without(study.brain, dilate(lesions, { radiusMm: LESION_MARGIN_MM }), enhancing);
  if (!normal) return undefined;
  const pick = picker({ grid: lesions.grid, data: lesions.data.map((v, i) => v | normal.data[i]!) });
  const before = pick(study.pre);
  const on = (mask: Mask) => createMask(pick(createVolume(Float32Array.from(mask.data), mask.grid)).data, before.grid);
  const [lesion, brain] = [on(lesions), on(normal)];
  return (test) => {
    const seen = pick(test);
    return { cnr: cnr(seen, lesion, brain), lbr: lbr(seen, lesion, brain), cep: cep(before, seen, lesion) };
  };
}

/** Takes a mask's voxels out of a volume, one after another. */
function picker(mask: Mask): (volume: Volume) => Volume {
  const count = mask.data.reduce((sum, v) => sum + v, 0);
  const indices = new Int32Array(count);
  for (let i = 0, n = 0; i < mask.data.length; i++) if (mask.data[i]) indices[n++] = i;
  const grid = createGrid({ shape: [count, 1, 1] });
  return ({ data }) => {
    const picked = new Float32Array(count);
    for (let n = 0; n < count; n++) picked[n] = data[indices[n]!]!;
    return { grid, data: picked };
  };
}

function boxMask(mask: Mask): Mask {
  const { start, shape } = boundingBox(mask);
  const [ni, nj] = mask.grid.shape;
  const data = new Uint8Array(mask.data.length);
  for (let k = start[2]; k < start[2] + shape[2]; k++)
    for (let j = start[1]; j < start[1] + shape[1]; j++) {
      const row = ni * (j + nj * k) + start[0];
      data.fill(1, row, row + shape[0]);
    }
  return { grid: mask.grid, data };
}

const mean = ({ data }: Volume): number => data.reduce((sum, v) => sum + v, 0) / data.length;

/** Voxels in both masks, or nothing if there are none. */
function both(a: Mask, b: Mask): Mask | undefined {
  const data = a.data.map((v, i) => v & b.data[i]!);
  return data.includes(1) ? { grid: a.grid, data } : undefined;
}

/** Voxels of a mask that are in none of the others, or nothing if there are none. */
function without(mask: Mask, ...others: readonly Mask[]): Mask | undefined {
  const data = mask.data.map((v, i) => (v && others.every((other) => !other.data[i]) ? 1 : 0));
  return data.includes(1) ? { grid: mask.grid, data } : undefined;
}

function extremes({ data }: Volume, { grid, pre }: PreparedStudy): [number, number] {
  // Outside the prepared box, if there is an outside, the scan is 0.
  let [low, high] = voxelCount(pre.grid) < voxelCount(grid) ? [0, 0] : [data[0]!, data[0]!];
  for (let i = 0; i < data.length; i++) {
    if (data[i]! < low) low = data[i]!;
    if (data[i]! > high) high = data[i]!;
  }
  return [low, high];
}

/** SSIM wants intensities from 0 on. */
function above(low: number, volume: Volume): Volume {
  if (low === 0) return volume;
  const { grid, data } = volume;
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = data[i]! - low;
  return { grid, data: out };
}

/** Mean of an SSIM map over a grid of which it covers a part, 1 elsewhere, without the border that half a window reaches over. */
function meanInside({ grid, data }: Volume, whole: Grid): number {
  const border = (WINDOW - 1) / 2;
  const [ni, nj, nk] = grid.shape;
  let sum = 0;
  for (let k = border; k < nk - border; k++)
    for (let j = border; j < nj - border; j++) {
      const row = ni * (j + nj * k);
      for (let i = row + border; i < row + ni - border; i++) sum += data[i]!;
    }
  const inside = ({ shape }: Grid) => shape.reduce((product, n) => product * (n - 2 * border), 1);
  return (sum + inside(whole) - inside(grid)) / inside(whole);
}
