import type { Grid, Vec3 } from "../core/grid.js";
import { spacingMm } from "../core/grid.js";

/** Signs that turn x, y, z of a file's space into Right, Anterior, Superior. */
export type Signs = readonly [x: 1 | -1, y: 1 | -1, z: 1 | -1];

/** What DICOM, ITK and most NRRD files count in: x to the Left, y to Posterior, z to Superior. */
export const LPS: Signs = [-1, -1, 1];

/**
 * The affine of a file in RAS+ from the steps along its one to three axes; missing axes get steps of 1 at right angles.
 *
 * @param steps one vector an axis, in the file's space; of one to three numbers, those missing are 0
 */
export function affineOfSteps(steps: readonly (readonly number[])[], origin: readonly number[], signs: Signs): Float64Array {
  const columns = [...completed(steps.map(vector)), vector(origin)];
  const affine = new Float64Array(16);
  for (let row = 0; row < 3; row++)
    // + 0 makes no −0 of a 0 that is turned round.
    for (let column = 0; column < 4; column++) affine[4 * row + column] = columns[column]![row]! * signs[row]! + 0;
  affine[15] = 1;
  return affine;
}

const vector = (numbers: readonly number[]): Vec3 => [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0];

function completed(steps: readonly Vec3[]): readonly Vec3[] {
  if (steps.length >= 3) return steps;
  if (steps.length === 2) return [...steps, unit(cross(steps[0]!, steps[1]!))];
  const i = unit(steps[0]!);
  const least = i.reduce((best, v, n) => (Math.abs(v) < Math.abs(i[best]!) ? n : best), 1);
  const j = unit(vector(i.map((v, n) => (n === least ? 1 : 0) - v * i[least]!)));
  return [steps[0]!, j, cross(i, j)];
}

const cross = (a: Vec3, b: Vec3): Vec3 => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

const unit = (v: Vec3): Vec3 => vector(v.map((x) => x / Math.hypot(...v)));

/** The steps of a grid along i, j, k and its origin, in a file's space. */
export function stepsOf({ affine }: Grid, signs: Signs): { readonly steps: readonly Vec3[]; readonly origin: Vec3 } {
  const column = (n: number): Vec3 => [affine[n]! * signs[0], affine[4 + n]! * signs[1], affine[8 + n]! * signs[2]];
  return { steps: [column(0), column(1), column(2)], origin: column(3) };
}

/** The steps of a grid as lengths and unit vectors. */
export function directionsOf(grid: Grid, signs: Signs) {
  const { steps, origin } = stepsOf(grid, signs);
  const spacing = spacingMm(grid);
  return { spacing, directions: steps.map((step, n) => vector(step.map((v) => v / spacing[n]!))), origin };
}
