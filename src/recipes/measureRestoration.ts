import { boundingBox } from "../core/boundingBox.js";
import { type Grid, voxelCount } from "../core/grid.js";
import type { Mask, Volume } from "../core/volume.js";
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
  const { pre, post, brain, lesions } = study;
  const [low, high] = extremes(post, study);
  const range = high - low;
  const reference = toUnitRange(post, low, range);
  const enhancing = enhancementRegion(pre, post, { brain });
  const normalBrain = lesions && without(brain, dilate(lesions, { radiusMm: LESION_MARGIN_MM }), enhancing);
  const regions = regionsOf(study).map(({ region, mask }) => ({
    region,
    mask,
    enhancing: region === "lesion" ? mask : both(enhancing, mask),
  }));
  const ce = regions.map(({ mask }) => both(enhancing, mask));

  return (test) => {
    const map = ssimMap(reference, toUnitRange(test, low, range), { dataRange: 1, window: { kind: "uniform", size: WINDOW } });
    return regions.map(({ region, mask, enhancing }, n) => {
      const share = region === "image" ? voxelCount(pre.grid) / voxelCount(study.grid) : 1;
      const relative = enhancing ? relativeEnhancement(pre, post, test, enhancing) : { mean: Number.NaN, max: Number.NaN };
      const inLesion = region === "lesion" && mask && normalBrain;
      return {
        region,
        psnr: 10 * Math.log10(range ** 2 / (share * mse(post, test, { mask }))),
        ssim: region === "image" ? meanInside(map, study.grid) : meanOver(map, mask!),
        mae: share * mae(post, test, { mask }),
        maeCe: ce[n] ? mae(post, test, { mask: ce[n] }) : Number.NaN,
        relativeMean: relative.mean,
        relativeMax: relative.max,
        cnr: inLesion ? cnr(test, mask, normalBrain) : Number.NaN,
        lbr: inLesion ? lbr(test, mask, normalBrain) : Number.NaN,
        cep: inLesion ? cep(pre, test, mask) : Number.NaN,
      };
    });
  };
}

function regionsOf({ brain, lesions }: PreparedStudy): readonly { region: Region; mask?: Mask }[] {
  if (!lesions) return [{ region: "image" }, { region: "brain", mask: brain }];
  return [
    { region: "image" },
    { region: "brain", mask: brain },
    { region: "box", mask: boxMask(lesions) },
    { region: "lesion", mask: lesions },
  ];
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

/** Voxels in both masks, or nothing if there are none. */
function both(a: Mask, b: Mask | undefined): Mask | undefined {
  const data = b ? a.data.map((v, i) => v & b.data[i]!) : a.data;
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

function meanOver({ data }: Volume, mask: Mask): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < data.length; i++)
    if (mask.data[i]) {
      sum += data[i]!;
      count++;
    }
  return sum / count;
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
