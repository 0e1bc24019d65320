import { checkNonNegative } from "../internal/check.js";
import { type DirectedDistances, resolveSurfaces, type SurfaceArguments } from "./surfaceDistances.js";

export interface SurfaceDiceOptions {
  /** How far apart two surfaces may lie and still agree, in mm, ≥ 0. Required: it is a clinical choice. */
  readonly toleranceMm: number;
}

/** Shares of surfaces, 0 to 1. */
export interface SurfaceOverlap {
  /** Share of the reference's surface that lies within the tolerance of the test's; `NaN` if the reference is empty. */
  readonly reference: number;
  /** Share of the test's surface that lies within the tolerance of the reference's; `NaN` if the test mask is empty. */
  readonly test: number;
}

/**
 * Surface Dice, also normalised surface distance: the share of both surfaces that lies within a tolerance of the other.
 *
 *     (|S_A within τ of S_B| + |S_B within τ of S_A|) / (|S_A| + |S_B|)
 *
 * Takes two masks, or their {@link surfaceDistances}. Surfaces are measured in mm² with `"surface-distance"`, else in voxels.
 *
 * @param args `(reference, test, { convention, toleranceMm })` or `(distances, { toleranceMm })`
 * @returns 0 to 1; 0 if one mask is empty, `NaN` if both are
 * @throws `grid-mismatch` if the grids differ, `unsupported` if the grid is sheared, `out-of-range` if the tolerance or the convention is
 * @see Nikolov et al. 2021, J Med Internet Res 23:e26151
 * @example
 * const agreement = surfaceDice(tumour, segmented, { toleranceMm: 1, convention: "surface-distance" });
 */
export function surfaceDice(...args: SurfaceArguments<SurfaceDiceOptions>): number {
  const [{ referenceToTest, testToReference }, { toleranceMm }] = resolveSurfaces(args);
  const a = share(referenceToTest, toleranceMm!);
  const b = share(testToReference, toleranceMm!);
  return (a.within + b.within) / (a.total + b.total);
}

/**
 * The two shares of which {@link surfaceDice} is the mean by area: how much of each surface lies within a tolerance of the other.
 *
 * @param args `(reference, test, { convention, toleranceMm })` or `(distances, { toleranceMm })`
 * @throws `grid-mismatch` if the grids differ, `unsupported` if the grid is sheared, `out-of-range` if the tolerance or the convention is
 * @example
 * const { reference, test } = surfaceOverlap(distances, { toleranceMm: 1 });
 */
export function surfaceOverlap(...args: SurfaceArguments<SurfaceDiceOptions>): SurfaceOverlap {
  const [{ referenceToTest, testToReference }, { toleranceMm }] = resolveSurfaces(args);
  const a = share(referenceToTest, toleranceMm!);
  const b = share(testToReference, toleranceMm!);
  return { reference: a.within / a.total, test: b.within / b.total };
}

function share({ distancesMm, weights }: DirectedDistances, toleranceMm: number) {
  checkNonNegative("toleranceMm", toleranceMm);
  // Distances are float32: a spacing of 0.9 mm must lie within 0.9.
  const limit = toleranceMm * (1 + 1e-6);
  let [within, total] = [0, 0];
  for (let n = 0; n < weights.length; n++) {
    total += weights[n]!;
    if (distancesMm[n]! <= limit) within += weights[n]!;
  }
  return { within, total };
}
