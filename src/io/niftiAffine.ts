import { GadoliniteError } from "../core/errors.js";
import type { Affine, Vec3 } from "../core/grid.js";
import type { NiftiHeader } from "./niftiHeader.js";

type Orientation = Pick<
  NiftiHeader,
  "version" | "dims" | "pixdim" | "sformCode" | "qformCode" | "sform" | "quaternion" | "qoffset" | "units"
>;

const MM_PER_UNIT = { unknown: 1, mm: 1, m: 1000, um: 0.001 };

/**
 * The affine of a NIfTI header in mm: the sform if it has a code, else the qform if it has one, else the voxel sizes around the
 * middle of the volume with x turned to the left. This is nibabel's choice, its corrections included: a code outside 0…5
 * counts as 0, a negative voxel size as positive, a zero one as 1, a qfac that is not −1 as 1.
 *
 * @throws `bad-file` if b, c, d are no part of a unit quaternion
 */
export function niftiAffine(header: Orientation): Affine {
  const matrix = hasCode(header.sformCode)
    ? Float64Array.of(...header.sform, 0, 0, 0, 1)
    : hasCode(header.qformCode)
      ? qformAffine(header)
      : baseAffine(header);
  const scale = MM_PER_UNIT[header.units.space];
  if (scale !== 1) for (let n = 0; n < 12; n++) matrix[n]! *= scale;
  return matrix;
}

const hasCode = (code: number) => code >= 1 && code <= 5;

const voxelSizes = ({ pixdim }: Pick<Orientation, "pixdim">) =>
  [1, 2, 3].map((n) => Math.abs(pixdim[n]!) || (pixdim[n] === 0 ? 1 : Number.NaN));

/** Quaternion and voxel sizes to an affine (the standard's "method 2"). */
export function qformAffine(header: Pick<Orientation, "version" | "pixdim" | "quaternion" | "qoffset">): Float64Array {
  const [b, c, d] = header.quaternion;
  const [si, sj, sk] = voxelSizes(header) as unknown as Vec3;
  const qfac = header.pixdim[0] === -1 ? -1 : 1;
  const squared = 1 - (b * b + c * c + d * d);
  // What rounding to the file's precision may take from a quaternion whose a is 0.
  if (!(squared >= -3 * (header.version === 1 ? 2 ** -23 : 2 ** -52)))
    throw new GadoliniteError("bad-file", `The qform's b, c, d = ${b}, ${c}, ${d} are longer than a unit quaternion.`);
  const a = Math.sqrt(Math.max(0, squared));
  const s = 2 / (a * a + b * b + c * c + d * d);
  const [x, y, z] = header.qoffset;
  const row = (i: number, j: number, k: number, at: number) => [i * si, j * sj, k * sk * qfac, at];
  return Float64Array.of(
    ...row(1 - s * (c * c + d * d), s * (b * c - a * d), s * (b * d + a * c), x),
    ...row(s * (b * c + a * d), 1 - s * (b * b + d * d), s * (c * d - a * b), y),
    ...row(s * (b * d - a * c), s * (c * d + a * b), 1 - s * (b * b + c * c), z),
    ...[0, 0, 0, 1],
  );
}

function baseAffine(header: Orientation): Float64Array {
  const matrix = new Float64Array(16);
  const sizes = voxelSizes(header);
  for (let axis = 0; axis < 3; axis++) {
    const there = axis < header.dims.length;
    const step = (there ? sizes[axis]! : 1) * (axis === 0 ? -1 : 1);
    matrix[5 * axis] = step;
    matrix[4 * axis + 3] = (-step * ((there ? header.dims[axis]! : 1) - 1)) / 2;
  }
  matrix[15] = 1;
  return matrix;
}

/** What a qform holds of an affine. */
export interface Qform {
  readonly qfac: 1 | -1;
  readonly quaternion: Vec3;
  /** Whether the axes are at right angles, so that the qform says all that the affine does. */
  readonly orthogonal: boolean;
}

/** The rotation of an affine as a unit quaternion with a ≥ 0; meaningless where the axes are not at right angles. */
export function affineQform(affine: Affine, [si, sj, sk]: Vec3): Qform {
  const column = (n: number, size: number): Vec3 => [affine[n]! / size, affine[4 + n]! / size, affine[8 + n]! / size];
  const i = column(0, si);
  const j = column(1, sj);
  let k = column(2, sk);
  const qfac = dot(cross(i, j), k) > 0 ? 1 : -1;
  if (qfac < 0) k = [-k[0], -k[1], -k[2]];
  // 1e-5 rad moves the end of a 250 mm field by 0.0025 mm; a float32 sform is off by some 1e-7.
  const orthogonal = Math.max(Math.abs(dot(i, j)), Math.abs(dot(j, k)), Math.abs(dot(i, k))) < 1e-5;
  return { qfac, quaternion: rotationQuaternion(i, j, k), orthogonal };
}

/** b, c, d from the columns of a rotation, by its largest component for the sake of precision (Shepperd 1978). */
function rotationQuaternion(i: Vec3, j: Vec3, k: Vec3): Vec3 {
  const candidates = [
    [1 + i[0] + j[1] + k[2], j[2] - k[1], k[0] - i[2], i[1] - j[0]],
    [j[2] - k[1], 1 + i[0] - j[1] - k[2], j[0] + i[1], k[0] + i[2]],
    [k[0] - i[2], j[0] + i[1], 1 - i[0] + j[1] - k[2], k[1] + j[2]],
    [i[1] - j[0], k[0] + i[2], k[1] + j[2], 1 - i[0] - j[1] + k[2]],
  ];
  const best = candidates.reduce((a, b, n) => (b[n]! > a[candidates.indexOf(a)]! ? b : a));
  const length = Math.hypot(...best) * (best[0]! < 0 ? -1 : 1);
  return [best[1]! / length, best[2]! / length, best[3]! / length];
}

const dot = (a: Vec3, b: Vec3) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

const cross = (a: Vec3, b: Vec3): Vec3 => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
