import { boundingBox } from "../core/boundingBox.js";
import { type Grid, voxelCount } from "../core/grid.js";
import type { Mask, Volume } from "../core/volume.js";
import { dilate } from "../filters/dilate.js";
import { crop } from "../geometry/crop.js";
import { cep } from "../metrics/cep.js";
import { cnr } from "../metrics/cnr.js";
import { enhancementRegion } from "../metrics/enhancementRegion.js";
import { lbr } from "../metrics/lbr.js";
import { mae } from "../metrics/mae.js";
import { mse } from "../metrics/mse.js";
import { regionMean } from "../metrics/regionMean.js";
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
  const { pre, post, brain, lesions } = study;
  const [low, high] = extremes(post, study);
  const range = high - low;
  const reference = toUnitRange(post, low, range);
  const ssimOptions = { dataRange: 1, window: { kind: "uniform", size: WINDOW } } as const;
  const enhancing = enhancementRegion(pre, post, { brain });
  const normalBrain = lesions && without(brain, dilate(lesions, { radiusMm: LESION_MARGIN_MM }), enhancing);
  const regions = regionsOf(study, enhancing);
  const share = voxelCount(pre.grid) / voxelCount(study.grid);

  return (test) => {
    const map = ssimMap(reference, toUnitRange(test, low, range), ssimOptions);
    const ofBrain = enhancementMeasures(pre, post, test, regions.find(({ region }) => region === "brain")!);
    return regions.map((part) => {
      const { region, mask, cut } = part;
      const [before, truth, seen] = [cut(pre), cut(post), cut(test)];
      // Voxels enhance in the brain only, so the image has none that the brain has not.
      const enhancement = region === "image" || region === "brain" ? ofBrain : enhancementMeasures(before, truth, seen, part);
      const weight = region === "image" ? share : 1;
      return {
        region,
        psnr: 10 * Math.log10(range ** 2 / (weight * mse(truth, seen, { mask }))),
        ssim: mask ? regionMean(cut(map), mask) : meanInside(map, study.grid),
        mae: weight * mae(truth, seen, { mask }),
        ...enhancement,
        cnr: region === "lesion" && normalBrain ? cnr(test, lesions!, normalBrain) : Number.NaN,
        lbr: region === "lesion" && normalBrain ? lbr(test, lesions!, normalBrain) : Number.NaN,
        cep: region === "lesion" ? cep(before, seen, mask!) : Number.NaN,
      };
    });
  };
}

/** A region and how to get at it: small ones are cut out of the volumes, so that they cost little. */
interface Part {
  readonly region: Region;
  /** On the grid that `cut` gives; none for the whole image. */
  readonly mask?: Mask;
  /** Contrast-enhancing voxels of the region, and those whose relative enhancement is told; none if there is no such voxel. */
  readonly enhancing?: Mask;
  readonly related?: Mask;
  readonly cut: (volume: Volume) => Volume;
}

function regionsOf({ brain, lesions }: PreparedStudy, enhancing: Mask): readonly Part[] {
  const whole = (volume: Volume) => volume;
  const inBrain = both(enhancing, brain);
  const large: readonly Part[] = [
    { region: "image", cut: whole },
    { region: "brain", mask: brain, cut: whole, ...(inBrain && { enhancing: inBrain, related: inBrain }) },
  ];
  if (!lesions) return large;
  const box = boundingBox(lesions);
  const cut = (volume: Volume) => crop(volume, box);
  const lesion = crop(lesions, box);
  const everything = { grid: lesion.grid, data: new Uint8Array(lesion.data.length).fill(1) };
  const enhancingPart = crop(enhancing, box);
  const part = (region: Region, mask: Mask, related: Mask | undefined): Part => {
    const enhancing = both(enhancingPart, mask);
    return { region, mask, cut, ...(enhancing && { enhancing }), ...(related && { related }) };
  };
  return [...large, part("box", everything, both(enhancingPart, everything)), part("lesion", lesion, lesion)];
}

function enhancementMeasures(pre: Volume, post: Volume, test: Volume, { enhancing, related }: Part) {
  const { mean, max } = related ? relativeEnhancement(pre, post, test, related) : { mean: Number.NaN, max: Number.NaN };
  return { maeCe: enhancing ? mae(post, test, { mask: enhancing }) : Number.NaN, relativeMean: mean, relativeMax: max };
}

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

function toUnitRange({ grid, data }: Volume, low: number, range: number): Volume {
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = (data[i]! - low) / range;
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
