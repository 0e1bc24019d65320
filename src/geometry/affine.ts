import { GadoliniteError } from "../core/errors.js";
import type { Affine, Vec3 } from "../core/grid.js";

/** Throws `out-of-range` unless the value is 16 finite numbers whose last row is 0 0 0 1. */
export function checkAffine(name: string, affine: Affine): void {
  if (affine.length !== 16 || !affine.every(Number.isFinite))
    throw new GadoliniteError("out-of-range", `${name} must be 16 finite numbers, row by row, but is [${[...affine]}].`);
  if (affine[12] !== 0 || affine[13] !== 0 || affine[14] !== 0 || affine[15] !== 1)
    throw new GadoliniteError(
      "out-of-range",
      `The last row of ${name} must be 0 0 0 1, but is ${[...affine.slice(12)].join(" ")}.`,
    );
}

/**
 * The affine that undoes another: `applyAffine(invertAffine(a), applyAffine(a, p))` is `p`.
 *
 * @param affine row-major 4×4
 * @throws `out-of-range` if it is not finite, its last row not 0 0 0 1, or it is not invertible
 * @example
 * const toVoxel = invertAffine(volume.grid.affine);
 */
export function invertAffine(affine: Affine): Affine {
  checkAffine("affine", affine);
  const m = affine;
  const inverse = new Float64Array(16);
  // Adjugate over determinant; a cofactor is a minor of the 3×3 part, cyclic indices give it its sign.
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++) {
      const [a, b] = [4 * ((column + 1) % 3), 4 * ((column + 2) % 3)];
      const [c, d] = [(row + 1) % 3, (row + 2) % 3];
      inverse[4 * row + column] = m[a + c]! * m[b + d]! - m[a + d]! * m[b + c]!;
    }
  const determinant = m[0]! * inverse[0]! + m[1]! * inverse[4]! + m[2]! * inverse[8]!;
  if (determinant === 0 || !Number.isFinite(1 / determinant))
    throw new GadoliniteError("out-of-range", "The affine can't be inverted: its axes span no volume.");
  for (let row = 0; row < 12; row += 4) {
    for (let column = 0; column < 3; column++) inverse[row + column]! /= determinant;
    inverse[row + 3] = -(inverse[row]! * m[3]! + inverse[row + 1]! * m[7]! + inverse[row + 2]! * m[11]!);
  }
  inverse[15] = 1;
  return inverse;
}

/**
 * The matrix product a·b, the affine that applies `b` first and `a` second:
 * `applyAffine(composeAffine(a, b), p)` is `applyAffine(a, applyAffine(b, p))`.
 *
 * @param a row-major 4×4, applied second
 * @param b row-major 4×4, applied first
 * @throws `out-of-range` if one of them is not finite or its last row not 0 0 0 1
 * @example
 * const preToAtlas = composeAffine(postToAtlas, preToPost);
 */
export function composeAffine(a: Affine, b: Affine): Affine {
  checkAffine("a", a);
  checkAffine("b", b);
  const product = new Float64Array(16);
  for (let row = 0; row < 16; row += 4)
    for (let column = 0; column < 4; column++) {
      let sum = 0;
      for (let inner = 0; inner < 4; inner++) sum += a[row + inner]! * b[4 * inner + column]!;
      product[row + column] = sum;
    }
  return product;
}

/**
 * Where an affine puts a point.
 *
 * @param affine row-major 4×4
 * @param point three coordinates in the affine's input space
 * @returns three coordinates in its output space
 * @example
 * applyAffine(registration.transform, [0, 10, 20]);
 */
export function applyAffine(affine: Affine, point: Vec3): Vec3 {
  const [x, y, z] = point;
  const row = (r: number) => affine[r]! * x + affine[r + 1]! * y + affine[r + 2]! * z + affine[r + 3]!;
  return [row(0), row(4), row(8)];
}
