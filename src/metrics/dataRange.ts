import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";

/**
 * The range of intensities that an error is measured against: a number in the volumes' unit, or taken from the reference:
 * its largest voxel (Pinetz et al.) or its largest minus its smallest (Gong et al.).
 */
export type DataRange = number | "reference-max" | "reference-range";

/** The range as a number, over the mask's voxels if one is given. Throws `out-of-range` unless it is positive and finite. */
export function resolveDataRange(range: DataRange, { data }: Volume, mask?: Mask): number {
  if (range !== "reference-max" && range !== "reference-range") return checked(range, "dataRange");
  const inside = mask?.data;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    if (inside && !inside[i]) continue;
    const v = data[i]!;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return range === "reference-max" ? checked(high, "The reference's maximum") : checked(high - low, "The reference's range");
}

function checked(value: number, name: string): number {
  if (!(value > 0 && value < Infinity))
    throw new GadoliniteError(
      "out-of-range",
      `${name} must be positive and finite, but is ${value}: give the range of the volumes' unit, 1 for [0, 1].`,
    );
  return value;
}
