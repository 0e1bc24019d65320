import { matchHistogramPeaks } from "../calibration/matchHistogramPeaks.js";
import { matchRadiometric } from "../calibration/matchRadiometric.js";
import { type Box, boundingBox } from "../core/boundingBox.js";
import { GadoliniteError } from "../core/errors.js";
import { type Grid, sameGrid } from "../core/grid.js";
import type { Acquisition, ContrastScan, Injection, Study } from "../core/study.js";
import { createMask, type Mask, type Volume } from "../core/volume.js";
import { type NoiseEstimator, noiseLevel } from "../enhancement/noiseLevel.js";
import { subtract } from "../enhancement/subtract.js";
import { fillHoles } from "../filters/fillHoles.js";
import { foregroundMask } from "../filters/foregroundMask.js";
import { largestComponent } from "../filters/largestComponent.js";
import { percentile } from "../filters/percentile.js";
import { crop } from "../geometry/crop.js";
import { resample } from "../geometry/resample.js";
import { resampleLabels } from "../geometry/resampleLabels.js";
import { checkFiniteVoxels, checkMask, checkOneOf } from "../internal/check.js";

export type CalibrationMethod = "radiometric" | "histogram-peaks";

export interface PrepareStudyOptions {
  /**
   * How the post-contrast scan is brought to the pre-contrast scan's intensities: `"radiometric"` (one gain; Pinetz 2024) or
   * `"histogram-peaks"` (gain and offset from the background and tissue peaks; Chen 2025). Default `"radiometric"`.
   */
  readonly calibration?: CalibrationMethod;
}

/** What was done to the post-contrast scan: calibrated = gain · scan + offset, in the pre-contrast scan's unit. */
export interface Calibration {
  readonly method: CalibrationMethod;
  readonly gain: number;
  readonly offset: number;
}

/** A contrast-enhanced scan and its dose as a fraction of the standard dose. */
export interface DosedScan {
  readonly dose: number;
  readonly volume: Volume;
}

/** A pair of scans that can be compared voxel by voxel: one grid, one intensity scale, a brain. */
export interface PreparedStudy {
  readonly id: string;
  readonly patient: string;
  /** The pre-contrast scan's own grid. */
  readonly grid: Grid;
  /** The part of that grid which holds the volumes below: where either scan is not 0, with a margin. */
  readonly box: Box;
  /** Pre-contrast scan; the brain's 95th percentile is 1. */
  readonly pre: Volume;
  /** Standard-dose scan, calibrated to `pre`. */
  readonly post: Volume;
  /** Real scans at lower doses, each calibrated to `pre` on its own, by rising dose. */
  readonly lows: readonly DosedScan[];
  /** Further sequences by name, on the same grid, their intensities as they are. */
  readonly others: Readonly<Record<string, Volume>>;
  readonly acquisition: Acquisition;
  /** What was given before the standard-dose scan, where it is known. */
  readonly injection?: Injection;
  readonly brain: Mask;
  /** Where there is signal at all (a stripped scan is 0 outside): noise is added only here. */
  readonly content: Mask;
  readonly lesions?: Mask;
  /** Intensity of the pre-contrast scan that became 1. */
  readonly unit: number;
  readonly calibration: Calibration;
  /** Noise level of the subtraction image by each estimator, in the unit of `pre`; NaN where one has nothing to estimate from. */
  readonly noise: Readonly<Record<NoiseEstimator, number>>;
  /** What was assumed or changed on the way, in sentences. */
  readonly remarks: readonly string[];
}

// SSIM's 7³ window reaches 3 voxels out, and its mean leaves out 3 at the border: beyond 6 both scans are 0 and equal.
const MARGIN_VOXELS = 6;

/**
 * Makes the two scans of a study comparable: one grid (the pre-contrast scan's), one intensity scale, a brain mask.
 *
 * Where grids differ, the post-contrast scan is resampled by cubic B-splines clamped to its own range, masks by nearest
 * neighbour. Without a brain mask the non-zero voxels of a stripped scan are taken, or else the head, and a remark says so.
 *
 * @param study the post-contrast scan of dose 1, or else the last, is taken as the standard dose; scans at lower doses are calibrated alike
 * @throws `not-prepared` if there is no post-contrast scan, `out-of-range` for voxels that are NaN or infinite or a constant scan,
 *   `empty-mask` if a mask has no voxel, and what the calibration throws
 * @see Pinetz et al. 2024, section 3.1; Chen et al. 2025, "Patient population and data preparation"
 * @example
 * const prepared = prepareStudy(await loadStudy("patient-01"));
 */
export function prepareStudy(study: Study, { calibration = "radiometric" }: PrepareStudyOptions = {}): PreparedStudy {
  checkOneOf("calibration", calibration, ["radiometric", "histogram-peaks"]);
  const remarks: string[] = [];
  const { grid } = study.preContrast;
  const wholePre = study.preContrast;
  const standard = standardDose(study);
  const wholePost = onGrid("post-contrast scan", standard.volume, grid, remarks);
  checkScan("The pre-contrast scan", wholePre);
  checkScan("The post-contrast scan", wholePost);

  const wholeContent = contentMask(wholePre, wholePost);
  const box = boundingBox(wholeContent, { marginVoxels: MARGIN_VOXELS });
  const pre = crop(wholePre, box);
  const content = crop(wholeContent, box);
  const brain = brainMask(study, wholePre, box, remarks);
  checkMask("The brain mask", brain, pre.grid);
  const lesions = study.lesions && crop(maskOnGrid(study.lesions, grid, "lesion", remarks), box);
  if (lesions) checkMask("The lesion mask", lesions, pre.grid);

  const unit = percentile(pre, 95, { mask: brain });
  if (!(unit > 0))
    throw new GadoliniteError(
      "out-of-range",
      `The 95th percentile of the pre-contrast scan in the brain is ${unit}; it must be positive. Is the brain mask in the right place?`,
    );
  const scaled = affine(pre, 1 / unit, 0);
  const calibrated = (scan: Volume) => {
    const { gain, offset } = calibrate(calibration, pre, scan, brain);
    return { volume: affine(scan, gain / unit, offset / unit, content), gain, offset };
  };
  const { volume: post, gain, offset } = calibrated(crop(wholePost, box));
  const lows = study.postContrast
    .filter(({ dose }) => dose > 0 && dose < 1)
    .sort((a, b) => a.dose - b.dose)
    .map(({ dose, volume }) => {
      const whole = onGrid(`scan at dose ${dose}`, volume, grid, remarks);
      checkScan(`The scan at dose ${dose}`, whole);
      return { dose, volume: calibrated(crop(whole, box)).volume };
    });
  const others = Object.entries(study.others).map(([name, volume]) => {
    const whole = onGrid(name, volume, grid, remarks);
    checkFiniteVoxels(name, whole.data);
    return [name, crop(whole, box)] as const;
  });
  return {
    id: study.id,
    patient: study.patient,
    grid,
    box,
    pre: scaled,
    post,
    lows,
    others: Object.fromEntries(others),
    acquisition: study.acquisition,
    ...(standard.injection && { injection: standard.injection }),
    brain,
    content,
    ...(lesions && { lesions }),
    unit,
    calibration: { method: calibration, gain, offset },
    noise: noiseLevels(subtract(scaled, post), brain),
    remarks,
  };
}

function standardDose({ id, postContrast }: Study): ContrastScan {
  const scan = postContrast.find(({ dose }) => dose === 1) ?? postContrast.at(-1);
  if (!scan)
    throw new GadoliniteError(
      "not-prepared",
      `Study ${id} has no post-contrast scan. A pre- and a post-contrast scan are needed.`,
    );
  return scan;
}

function onGrid(name: string, scan: Volume, grid: Grid, remarks: string[]): Volume {
  if (sameGrid(scan.grid, grid)) return { grid, data: scan.data };
  remarks.push(
    `The scans lie on different grids: the ${name} (${scan.grid.shape.join("×")}) was resampled onto the pre-contrast grid (${grid.shape.join("×")}) by cubic B-splines. They were not registered.`,
  );
  return resample(scan, grid, { interpolation: "cubic", clamp: true });
}

function maskOnGrid(mask: Mask, grid: Grid, name: string, remarks: string[]): Mask {
  if (sameGrid(mask.grid, grid)) return { grid, data: mask.data };
  remarks.push(`The ${name} mask lies on another grid and was resampled onto the pre-contrast grid by nearest neighbour.`);
  return resampleLabels(mask, grid);
}

function checkScan(name: string, { data }: Volume): void {
  checkFiniteVoxels(name, data);
  const first = data[0]!;
  if (data.every((v) => v === first))
    throw new GadoliniteError("out-of-range", `${name} is constant (every voxel is ${first}): there is nothing to see in it.`);
}

function contentMask(pre: Volume, post: Volume): Mask {
  const inside = new Uint8Array(pre.data.length);
  for (let i = 0; i < inside.length; i++) inside[i] = pre.data[i] !== 0 || post.data[i] !== 0 ? 1 : 0;
  return { grid: pre.grid, data: inside };
}

// A scanner's air is noise, hardly ever exactly 0; a stripped scan is 0 in more than a third of its box, as a brain in a box is.
const STRIPPED_ZEROS = 1 / 3;

function brainMask(study: Study, pre: Volume, box: Box, remarks: string[]): Mask {
  if (study.brain) return crop(maskOnGrid(study.brain, pre.grid, "brain", remarks), box);
  const part = crop(pre, box);
  const nonZero = createMask(part.data, part.grid);
  const zeros = 1 - nonZero.data.reduce((sum, v) => sum + v, 0) / nonZero.data.length;
  if (zeros > STRIPPED_ZEROS) {
    remarks.push("No brain mask was given: the scan is stripped, so its non-zero voxels are taken as the brain.");
    return fillHoles(largestComponent(nonZero));
  }
  remarks.push("No brain mask was given and the scan is not stripped: the whole head is taken instead of the brain.");
  return foregroundMask(part);
}

// Voxels of the brain that the radiometric match should at least have to choose from.
const SMALL_SAMPLE = 4000;

function calibrate(method: CalibrationMethod, pre: Volume, post: Volume, brain: Mask): { gain: number; offset: number } {
  if (method === "histogram-peaks") return matchHistogramPeaks(pre, post);
  // Both scans are divided by their own brain percentile first: the loss of the radiometric match is in that unit.
  const preUnit = percentile(pre, 95, { mask: brain });
  const postUnit = percentile(post, 95, { mask: brain });
  if (!(postUnit > 0))
    throw new GadoliniteError(
      "out-of-range",
      `The 95th percentile of the post-contrast scan in the brain is ${postUnit}; it must be positive.`,
    );
  // Every 8th voxel, as published; more of them in a brain so small that few would remain.
  const voxels = brain.data.reduce((sum, v) => sum + v, 0);
  const stride = Math.min(8, Math.max(1, Math.floor(voxels / SMALL_SAMPLE)));
  const { scale } = matchRadiometric(affine(pre, 1 / preUnit, 0), affine(post, 1 / postUnit, 0), { mask: brain, stride });
  return { gain: (scale * preUnit) / postUnit, offset: 0 };
}

/** gain · volume + offset; 0 outside the mask, if there is one, so that a stripped background stays 0. */
function affine({ grid, data }: Volume, gain: number, offset: number, mask?: Mask): Volume {
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = mask && !mask.data[i] ? 0 : gain * data[i]! + offset;
  return { grid, data: out };
}

function noiseLevels(difference: Volume, brain: Mask): Record<NoiseEstimator, number> {
  const level = (estimator: NoiseEstimator) => noiseLevel(difference, { brain, estimator });
  return { negatives: level("negatives"), huber: level("huber"), "highpass-mad": level("highpass-mad") };
}
