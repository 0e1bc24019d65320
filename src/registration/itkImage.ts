import { GadoliniteError } from "../core/errors.js";
import { type Affine, spacingMm } from "../core/grid.js";
import type { Volume } from "../core/volume.js";

/** An image as itk-wasm passes it; its world is LPS. */
export interface ItkImage {
  readonly imageType: { dimension: 3; componentType: "float32"; pixelType: "Scalar"; components: 1 };
  readonly name: string;
  readonly origin: readonly number[];
  readonly spacing: readonly number[];
  /** Row-major 3×3. */
  readonly direction: Float64Array;
  readonly size: readonly number[];
  readonly metadata: Map<string, unknown>;
  readonly data: Float32Array;
}

// RAS+ → LPS and back.
const SIGNS = [-1, -1, 1] as const;

/** The volume for ITK, with a copy of its voxels, put where `affine` says: voxel centre → world, RAS+ mm. */
export function toItkImage(volume: Volume, affine: Affine = volume.grid.affine): ItkImage {
  const { shape } = volume.grid;
  const spacing = spacingMm({ shape, affine });
  const direction = new Float64Array(9);
  for (let row = 0; row < 3; row++)
    for (let axis = 0; axis < 3; axis++) direction[3 * row + axis] = (SIGNS[row]! * affine[4 * row + axis]!) / spacing[axis]!;
  return {
    imageType: { dimension: 3, componentType: "float32", pixelType: "Scalar", components: 1 },
    name: "",
    origin: SIGNS.map((sign, row) => sign * affine[4 * row + 3]!),
    spacing: [...spacing],
    direction,
    size: [...shape],
    metadata: new Map(),
    data: volume.data.slice(),
  };
}

/**
 * The transform that elastix describes, fixed world → moving world, in RAS+.
 *
 *     T(p) = M·(p − c) + c + t,   M = Rz·Rx·Ry of an Euler transform
 *
 * @throws `not-converged` if it has numbers that are not finite
 */
export function affineOfElastix(parameterObject: unknown): Affine {
  const [map] = parameterObject as readonly Readonly<Record<string, readonly string[]>>[];
  const p = map!["TransformParameters"]!.map(Number);
  const c = map!["CenterOfRotationPoint"]!.map(Number);
  const m = map!["Transform"]![0] === "EulerTransform" ? eulerMatrix(p[0]!, p[1]!, p[2]!) : p.slice(0, 9);
  const t = p.slice(-3);
  const affine = new Float64Array(16);
  affine[15] = 1;
  for (let row = 0; row < 3; row++) {
    let offset = t[row]! + c[row]!;
    for (let column = 0; column < 3; column++) {
      offset -= m[3 * row + column]! * c[column]!;
      affine[4 * row + column] = SIGNS[row]! * SIGNS[column]! * m[3 * row + column]!;
    }
    affine[4 * row + 3] = SIGNS[row]! * offset;
  }
  if (!affine.every(Number.isFinite))
    throw new GadoliniteError("not-converged", `elastix found a transform with numbers that are not finite: [${p}].`);
  return affine;
}

/** Row-major Rz·Rx·Ry, angles in radians: ITK's default order. */
function eulerMatrix(x: number, y: number, z: number): readonly number[] {
  const [cx, sx, cy, sy, cz, sz] = [Math.cos(x), Math.sin(x), Math.cos(y), Math.sin(y), Math.cos(z), Math.sin(z)];
  return [
    cz * cy - sz * sx * sy,
    -sz * cx,
    cz * sy + sz * sx * cy,
    sz * cy + cz * sx * sy,
    cz * cx,
    sz * sy - cz * sx * cy,
    -cx * sy,
    sx,
    cx * cy,
  ];
}
