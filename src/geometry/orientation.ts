import type { Affine, Grid } from "../core/grid.js";
import { composeAffine, invertAffine } from "./affine.js";

/** The letters of each world axis: where it comes from, where it goes. */
const LETTERS = ["LR", "PA", "IS"] as const;

/** A direction of the world: axis 0, 1, 2 (x, y, z), towards R, A, S or, if negative, L, P, I. */
export interface Direction {
  readonly world: number;
  readonly negative: boolean;
}

/**
 * Which way the voxel axes i, j, k run: a code of three letters, each naming the direction in which its index grows, of
 * L/R (left, right), P/A (posterior, anterior), I/S (inferior, superior).
 *
 * An oblique axis has the letter of the nearest world axis; where two axes compete for one, the closer one has it. Shear is
 * taken out first (polar decomposition of the affine's directions). This is nibabel's rule, as of nibabel 5.4.
 *
 * @returns one of 48 codes, e.g. `"RAS"`, `"LPS"` or `"PSR"`
 * @throws `out-of-range` if the grid's affine can't be inverted
 * @see nibabel, `aff2axcodes` and `io_orientation`, https://nipy.org/nibabel/image_orientation.html
 * @example
 * orientation(createGrid({ shape: [2, 2, 2] })); // "RAS"
 */
export function orientation(grid: Grid): string {
  return axisDirections(grid)
    .map(({ world, negative }) => LETTERS[world]![negative ? 0 : 1])
    .join("");
}

/** The direction of each letter of an axis code; undefined if it is not one of the 48. */
export function parseAxisCode(code: string): readonly Direction[] | undefined {
  const directions = [...code].map((letter) => {
    const world = LETTERS.findIndex((pair) => pair.includes(letter));
    return { world, negative: LETTERS[world]?.[0] === letter };
  });
  const worlds = new Set(directions.map(({ world }) => world));
  return directions.length === 3 && worlds.size === 3 && !worlds.has(-1) ? directions : undefined;
}

/** The direction nearest to each voxel axis, no two along the same world axis. */
export function axisDirections({ affine }: Grid): readonly Direction[] {
  const rotation = nearestRotation(affine);
  const at = (world: number, axis: number) => rotation[4 * world + axis]!;
  const strength = [0, 1, 2].map((axis) => Math.max(...[0, 1, 2].map((world) => Math.abs(at(world, axis)))));
  const directions: Direction[] = [];
  const free = new Set([0, 1, 2]);
  for (const axis of [0, 1, 2].sort((a, b) => strength[b]! - strength[a]!)) {
    const world = [...free].reduce((best, w) => (Math.abs(at(w, axis)) > Math.abs(at(best, axis)) ? w : best));
    free.delete(world);
    directions[axis] = { world, negative: at(world, axis) < 0 };
  }
  return directions;
}

/** The rotation (perhaps with a reflection) nearest to the affine's unit axes: its polar factor, by Newton's iteration R ← (R + R⁻ᵀ) / 2. */
function nearestRotation(affine: Affine): Affine {
  let rotation = unitAxes(affine);
  for (let step = 0; step < 100; step++) {
    const inverse = invertAffine(rotation);
    const next = rotation.map((v, n) => (v + inverse[4 * (n % 4) + Math.floor(n / 4)]!) / 2);
    const change = Math.max(...next.map((v, n) => Math.abs(v - rotation[n]!)));
    rotation = next;
    if (change < 1e-14) break;
  }
  return rotation;
}

/** The affine without spacing and offset: columns of length 1. */
function unitAxes(affine: Affine): Affine {
  const scale = new Float64Array(16);
  for (let axis = 0; axis < 3; axis++) scale[5 * axis] = 1 / Math.hypot(affine[axis]!, affine[4 + axis]!, affine[8 + axis]!);
  scale[15] = 1;
  const axes = Float64Array.from(composeAffine(affine, scale));
  axes[3] = axes[7] = axes[11] = 0;
  return axes;
}
