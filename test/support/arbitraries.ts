import fc from "fast-check";
import { createGrid, createMask, createVolume, type Grid, type Mask, type Vec3, type Volume } from "../../src/index.js";

/** A volume with the given voxels (i fastest) on a 1 mm grid. */
export const volumeOf = (shape: Vec3, voxels: ArrayLike<number>): Volume =>
  createVolume(Float32Array.from(voxels), createGrid({ shape }));

/** A mask drawn in ASCII: one string a slice, lines along j, characters along i; `#` is inside. */
export function maskOf(...slices: readonly string[]): Mask {
  const rows = slices.map((slice) => slice.trim().split(/\s+/));
  const shape: Vec3 = [rows[0]![0]!.length, rows[0]!.length, rows.length];
  return createMask(
    rows.flat().flatMap((row) => [...row].map((c) => c === "#")),
    createGrid({ shape }),
  );
}

export const shape = (max = 7): fc.Arbitrary<Vec3> =>
  fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));

export const spacing = (): fc.Arbitrary<Vec3> => {
  const mm = fc.double({ min: 0.3, max: 6, noNaN: true });
  return fc.tuple(mm, mm, mm);
};

/** Any well-conditioned affine: a rotation times spacing, perhaps with flipped axes, and an offset. */
export const affine = (): fc.Arbitrary<Float64Array> => {
  const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });
  const offset = fc.double({ min: -200, max: 200, noNaN: true });
  return fc
    .tuple(
      fc.tuple(angle, angle, angle),
      spacing(),
      fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      fc.tuple(offset, offset, offset),
    )
    .map(([[a, b, c], size, flipped, at]) => {
      const [ca, sa, cb, sb, cc, sc] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b), Math.cos(c), Math.sin(c)];
      const rotation = [
        cb * cc,
        sa * sb * cc - ca * sc,
        ca * sb * cc + sa * sc,
        cb * sc,
        sa * sb * sc + ca * cc,
        ca * sb * sc - sa * cc,
        -sb,
        sa * cb,
        ca * cb,
      ];
      const matrix = new Float64Array(16);
      for (let row = 0; row < 3; row++) {
        for (let column = 0; column < 3; column++)
          matrix[4 * row + column] = rotation[3 * row + column]! * size[column]! * (flipped[column] ? -1 : 1);
        matrix[4 * row + 3] = at[row]!;
      }
      matrix[15] = 1;
      return matrix;
    });
};

export const grid = (max = 7): fc.Arbitrary<Grid> =>
  fc.tuple(shape(max), affine()).map(([s, a]) => createGrid({ shape: s, affine: a }));

const SMALLEST_NORMAL = 2 ** -126;

/** A float32 intensity of everyday size: finite, no subnormals, either sign. */
export const intensity = (): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: -1000, max: 4000 }),
    fc.double({ min: -1000, max: 4000, noNaN: true }).map((v) => (Math.abs(v) < SMALLEST_NORMAL ? 0 : Math.fround(v))),
  );

export const volumeOn = (g: Grid, value = intensity()): fc.Arbitrary<Volume> => {
  const n = g.shape[0] * g.shape[1] * g.shape[2];
  return fc.array(value, { minLength: n, maxLength: n }).map((v) => createVolume(Float32Array.from(v), g));
};

export const volume = (max = 7): fc.Arbitrary<Volume> => grid(max).chain((g) => volumeOn(g));

export const maskOn = (g: Grid): fc.Arbitrary<Mask> => {
  const n = g.shape[0] * g.shape[1] * g.shape[2];
  return fc.array(fc.boolean(), { minLength: n, maxLength: n }).map((v) => createMask(v, g));
};

export const mask = (max = 7): fc.Arbitrary<Mask> => grid(max).chain(maskOn);

export interface PairOptions {
  /** The two volumes differ by 1 or more somewhere. */
  readonly different?: boolean;
  readonly max?: number;
}

/** A pre- and a post-contrast scan on one grid. */
export const pairOnOneGrid = ({ different = false, max = 7 }: PairOptions = {}): fc.Arbitrary<[Volume, Volume]> =>
  grid(max)
    .chain((g) => fc.tuple(volumeOn(g), volumeOn(g)))
    .filter(([a, b]) => !different || a.data.some((v, i) => Math.abs(v - b.data[i]!) >= 1));

/** A dose as a fraction of the standard dose, both ends included. */
export const dose = (): fc.Arbitrary<number> => fc.double({ min: 0, max: 1, noNaN: true });

export const seed = (): fc.Arbitrary<number> => fc.maxSafeNat();
