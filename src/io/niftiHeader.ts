import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import { NIFTI_LAYOUT, NIFTI_TYPES, type NiftiDtype, UNREADABLE_TYPES } from "./niftiTypes.js";

/** What a NIfTI file says about itself, as it says it: nothing is corrected here. */
export interface NiftiHeader {
  readonly format: "nifti";
  readonly version: 1 | 2;
  readonly littleEndian: boolean;
  /** How voxels are stored. */
  readonly dtype: NiftiDtype;
  /** Size of each of the file's 1 to 7 axes; i runs fastest. */
  readonly dims: readonly number[];
  /** The eight numbers of `pixdim`: qfac, then the steps along the axes in `units`. */
  readonly pixdim: readonly number[];
  /** Byte at which the voxels start, once inflated. */
  readonly voxelOffset: number;
  /** Stored value × slope + intercept is the voxel; a slope of 0, NaN or infinity means neither. */
  readonly slope: number;
  readonly intercept: number;
  /** 0 unknown, 1 scanner, 2 aligned, 3 Talairach, 4 MNI, 5 other template. */
  readonly sformCode: number;
  readonly qformCode: number;
  /** Rows x, y, z of the affine, 12 numbers in `units`. */
  readonly sform: readonly number[];
  /** b, c, d of the unit quaternion whose a ≥ 0. */
  readonly quaternion: Vec3;
  readonly qoffset: Vec3;
  readonly units: { readonly space: "unknown" | "m" | "mm" | "um"; readonly time: string };
  readonly intentCode: number;
  readonly intentName: string;
  /** The window in which the writer wants it shown; both 0 if none. */
  readonly calMin: number;
  readonly calMax: number;
  readonly description: string;
}

const SPACE_UNITS = ["unknown", "m", "mm", "um"] as const;
const TIME_UNITS: Readonly<Record<number, string>> = { 8: "s", 16: "ms", 24: "us", 32: "Hz", 40: "ppm", 48: "rad/s" };

/**
 * Reads the header of a single-file NIfTI, which `recognise` has told from other formats.
 *
 * @throws `bad-file` if a field makes no sense, `unsupported` if voxels are not one real number each
 */
export function parseNiftiHeader(head: Uint8Array, version: 1 | 2): NiftiHeader {
  const at = NIFTI_LAYOUT[version];
  if (head.length < at.size)
    throw new GadoliniteError(
      "bad-file",
      `The file is cut short: a NIfTI-${version} header has ${at.size} bytes, it has ${head.length}.`,
    );
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const littleEndian = view.getInt32(0, true) === at.size;
  const float = (offset: number) =>
    version === 1 ? view.getFloat32(offset, littleEndian) : view.getFloat64(offset, littleEndian);
  const integer = (offset: number) =>
    version === 1 ? view.getInt16(offset, littleEndian) : Number(view.getBigInt64(offset, littleEndian));
  const code = (offset: number) => (version === 1 ? view.getInt16(offset, littleEndian) : view.getInt32(offset, littleEndian));
  const floats = (offset: number, count: number) => Array.from({ length: count }, (_, n) => float(offset + n * 4 * version));
  const text = (offset: number, length: number) =>
    new TextDecoder().decode(head.slice(offset, offset + length)).split("\0", 1)[0]!;

  if (version === 2) checkLineEnds(head);
  const rank = integer(at.dim);
  if (!(rank >= 1 && rank <= 7))
    throw new GadoliniteError("bad-file", `A NIfTI image has 1 to 7 axes, but this header says ${rank}.`);
  const dims = Array.from({ length: rank }, (_, n) => integer(at.dim + (n + 1) * (version === 1 ? 2 : 8)));
  if (!dims.every((n) => n >= 1))
    throw new GadoliniteError("bad-file", `The axes of an image have positive sizes, not [${dims}].`);
  const units = version === 1 ? view.getUint8(at.units) : view.getInt32(at.units, littleEndian);
  return {
    format: "nifti",
    version,
    littleEndian,
    dtype: dtypeOf(view.getInt16(at.dataType, littleEndian)),
    dims,
    pixdim: floats(at.pixdim, 8),
    voxelOffset: voxelOffsetOf(version === 1 ? float(at.voxelOffset) : integer(at.voxelOffset), version),
    slope: float(at.slope),
    intercept: float(at.intercept),
    sformCode: code(at.sformCode),
    qformCode: code(at.qformCode),
    sform: floats(at.sform, 12),
    quaternion: floats(at.quaternion, 3) as unknown as Vec3,
    qoffset: floats(at.qoffset, 3) as unknown as Vec3,
    units: { space: SPACE_UNITS[units & 7] ?? "unknown", time: TIME_UNITS[units & 56] ?? "unknown" },
    intentCode: code(at.intentCode),
    intentName: text(at.intentName, 16),
    calMin: float(at.calMin),
    calMax: float(at.calMax),
    description: text(at.description, 80),
  };
}

/** NIfTI-2 carries line ends of both worlds, so that a transfer that "corrected" them is found out. Some writers left zeros. */
function checkLineEnds(head: Uint8Array): void {
  const [a, b, c, d] = head.subarray(8, 12);
  if ((a === 13 && b === 10 && c === 26 && d === 10) || (a === 0 && b === 0 && c === 0 && d === 0)) return;
  throw new GadoliniteError(
    "bad-file",
    "The file's line ends were changed in a text-mode transfer. Fetch it again in binary mode.",
  );
}

function dtypeOf(code: number): NiftiDtype {
  for (const [dtype, type] of Object.entries(NIFTI_TYPES)) if (type.code === code) return dtype as NiftiDtype;
  const name = UNREADABLE_TYPES[code];
  if (name !== undefined)
    throw new GadoliniteError(
      "unsupported",
      `The voxels are ${name}; gadolinite reads integers, float32 and float64. Convert the file first.`,
    );
  throw new GadoliniteError("bad-file", `The header's data type ${code} is none of the standard's.`);
}

function voxelOffsetOf(offset: number, version: 1 | 2): number {
  const smallest = NIFTI_LAYOUT[version].size + 4;
  // Of an offset of 0 every reader makes something else, so it is refused too.
  if (!(Number.isSafeInteger(offset) && offset >= smallest))
    throw new GadoliniteError(
      "bad-file",
      `The header puts the voxels at byte ${offset}; they start at a whole number from ${smallest} on.`,
    );
  return offset;
}
