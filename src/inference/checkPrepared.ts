import { GadoliniteError } from "../core/errors.js";
import { spacingMm as spacingOf, type Vec3 } from "../core/grid.js";
import { percentile } from "../filters/percentile.js";
import type { ModelCard } from "../model/modelCard.js";
import type { LowDoseScan } from "./restorer.js";

// Resampling, cropping or another calibration after the scaling moves the percentile by a few hundredths; a scan that wasn't scaled is far off.
const PERCENTILE_TOLERANCE = 0.05;
// The agent, the calibration, and a head mask that isn't the brain's.
const LARGEST_FACTOR = 2;
// What headers and resampling leave.
const SPACING_TOLERANCE = 0.01;

/** Throws `not-prepared`, naming what is missing, unless a scan is on the voxel spacing and intensity scale that the card's `preprocessing` demands. */
export function checkPrepared({ name, preprocessing }: ModelCard, { pre, low, brain }: LowDoseScan): void {
  const { percentile: q, within, spacingMm } = preprocessing;
  if (spacingMm) checkSpacing(name, spacingMm, spacingOf(pre.grid));
  const unit = percentile(pre, q, { mask: brain });
  // No mask of the head is given, so there it is looked at the brain, and only for scans that weren't scaled at all.
  const tolerance = within === "brain" ? PERCENTILE_TOLERANCE : LARGEST_FACTOR - 1;
  if (!(unit <= 1 + tolerance && unit >= 1 / (1 + tolerance)))
    throw new GadoliniteError(
      "not-prepared",
      `The model "${name}" wants scans whose ${q}th percentile in the ${within} is 1, but the pre-contrast scan's is ${unit.toPrecision(4)}. Scale both scans: prepareStudy, or scaleToPercentile(pre, { percentile: ${q}, mask }).`,
    );
  const lowUnit = percentile(low, q, { mask: brain });
  if (!(lowUnit <= LARGEST_FACTOR * unit && lowUnit >= unit / LARGEST_FACTOR))
    throw new GadoliniteError(
      "not-prepared",
      `The low-dose scan's ${q}th percentile in the brain is ${lowUnit.toPrecision(4)}, the pre-contrast scan's ${unit.toPrecision(4)}: they aren't calibrated. Match them: prepareStudy, or matchRadiometric(pre, low, { mask }).`,
    );
}

function checkSpacing(name: string, wanted: Vec3, own: Vec3): void {
  if (own.every((mm, axis) => Math.abs(mm / wanted[axis]! - 1) <= SPACING_TOLERANCE)) return;
  const mm = (spacing: Vec3) => spacing.map((v) => Number(v.toPrecision(4))).join("×");
  const to = wanted.every((v) => v === wanted[0]) ? `isotropic(scan, { spacingMm: ${wanted[0]} })` : "resample";
  throw new GadoliniteError(
    "not-prepared",
    `The model "${name}" wants voxels of ${mm(wanted)} mm, but the scan's are ${mm(own)} mm. Resample the scans and the mask (${to}), and the result back.`,
  );
}
