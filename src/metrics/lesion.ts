import type { Vec3 } from "../core/grid.js";

/** A lesion as a reader marks it: its axes, perpendicular or nearly so, in one slice. Positions are in world mm (RAS+). */
export interface LesionAxes {
  /** Both ends of the long axis. */
  readonly long: readonly [Vec3, Vec3];
  /** Both ends of the short axis. */
  readonly short: readonly [Vec3, Vec3];
}

/** Where a lesion lies and how large it is; all that matching asks for. */
export interface Lesion {
  /** Middle of the long axis, world mm (RAS+). */
  readonly centerMm: Vec3;
  readonly longMm: number;
  readonly shortMm: number;
}

/**
 * Centre and lengths of a lesion marked by its axes.
 *
 * @example
 * const lesion = lesionFromAxes({ long: [[0, 0, 0], [8, 0, 0]], short: [[4, -2, 0], [4, 2, 0]] }); // centre [4, 0, 0], 8 by 4 mm
 */
export function lesionFromAxes({ long, short }: LesionAxes): Lesion {
  return { centerMm: middle(long), longMm: distance(...long), shortMm: distance(...short) };
}

export const middle = ([a, b]: readonly [Vec3, Vec3]): Vec3 => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];

export const distance = (a: Vec3, b: Vec3): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
