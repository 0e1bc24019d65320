import type { Affine, Vec3 } from "../core/grid.js";
import type { Study } from "../core/study.js";
import type { Volume } from "../core/volume.js";
import type { LesionKind } from "./lesions.js";

/** A change of the intensity scale: displayed = gain · signal + offset. */
export interface IntensityWindow {
  /** Greater than 0. */
  readonly gain: number;
  readonly offset: number;
}

/** A lesion of a phantom, as it was made. */
export interface PhantomLesion {
  readonly kind: LesionKind;
  /** Its value in `truth.lesionLabels`: 1 for the first. */
  readonly label: number;
  /** World mm of the pre-contrast scan. */
  readonly centreMm: Vec3;
  /** Longest distance between two points of its surface, mm. */
  readonly longAxisMm: number;
  /** Number of voxels in `truth.lesionLabels`. */
  readonly voxels: number;
  /** Whether part of it takes up agent beyond the brain's own. */
  readonly enhancing: boolean;
}

/** What only a phantom knows. All volumes lie on the pre-contrast scan's grid and show the head as it lay in that scan. */
export interface PhantomTruth {
  /** The structure with the largest share of each voxel; names in `phantomLabels`. */
  readonly labels: Volume<Uint8Array>;
  /** The number of the lesion with more than half of the voxel, or 0. */
  readonly lesionLabels: Volume<Uint8Array>;
  readonly lesions: readonly PhantomLesion[];
  /**
   * The contrast signal: standard-dose minus pre-contrast scan, both free of noise, motion and differing intensity windows, in
   * the pre-contrast scan's signal scale before its window and with its bias field.
   */
  readonly signal: Volume;
  /** Agent in the voxel at the standard dose, mmol/L. */
  readonly concentrationMmolPerL: Volume;
  /** Longitudinal relaxation rate before the agent, 1/s, of what gives signal in the voxel; 0 where nothing does. */
  readonly r1PerS: Volume;
  /** Protons relative to water. */
  readonly protonDensity: Volume;
  /** The factor by which the coil's sensitivity multiplies both scans. */
  readonly biasField: Volume;
  /** Standard deviation of the noise in each of the two channels, before the window; normal white matter is 1000. */
  readonly noiseSigma: number;
  readonly intensityWindow: { readonly pre: IntensityWindow; readonly post: IntensityWindow };
  /**
   * World of the pre-contrast scan → world of the post-contrast scans: what lay at x then lies at this · x. It is the
   * `transform` with which `resample` brings a post-contrast scan back onto the pre-contrast one.
   */
  readonly misregistration: Affine;
}

/** A study made from a seed, with the truth about it. */
export interface PhantomStudy extends Study {
  readonly truth: PhantomTruth;
}
