import type { Box } from "../core/boundingBox.js";
import { GadoliniteError } from "../core/errors.js";
import { type Grid, spacingMm, type Vec3 } from "../core/grid.js";
import type { Mask, Volume, VoxelArray } from "../core/volume.js";
import { orientation } from "../geometry/orientation.js";
import { voxelToWorld } from "../geometry/voxelToWorld.js";
import { checkFiniteNumber, checkMask, checkNonNegativeInteger, checkOneOf } from "../internal/check.js";

export type Plane = "axial" | "coronal" | "sagittal";

/** Which slice of a plane. */
export type SliceChoice =
  /** Counted from the lowest, hindmost or leftmost slice, from 0. */
  | { readonly index: number }
  /** The slice nearest to this world coordinate (RAS+: z, y or x), mid-slice. */
  | { readonly mm: number }
  /** The slice on which this mask has most voxels (the first of several). */
  | { readonly through: Mask };

export interface SliceViewOptions {
  /** Default `"axial"`. */
  readonly plane?: Plane;
  /** Default: the middle one, of the box if there is one. */
  readonly slice?: SliceChoice;
  /** Part to be shown, in voxels of the volume as it is stored, as `boundingBox` gives. Default: all. */
  readonly box?: Box;
  /** `"radiological"`: the patient's right is at the left of the image; `"neurological"`: at its right. Default `"radiological"`. */
  readonly convention?: "radiological" | "neurological";
}

/** A slice as it is looked at: rows from the top, each from the left. */
export interface SliceView<T extends VoxelArray = Float32Array> {
  readonly width: number;
  readonly height: number;
  readonly data: T;
  /** Width and height of a pixel. */
  readonly pixelMm: readonly [number, number];
  /** Which side of the patient lies at each edge: R, L, A, P, S or I. */
  readonly edges: { readonly left: string; readonly right: string; readonly top: string; readonly bottom: string };
  /** Number of the slice, counted from the lowest, hindmost or leftmost. */
  readonly index: number;
  /** World coordinate of the slice's middle. */
  readonly positionMm: number;
}

// World axes (0 left to right, 1 back to front, 2 bottom to top) along the image, down the image and through it.
const PLANES = { axial: [0, 1, 2], coronal: [0, 2, 1], sagittal: [1, 2, 0] } as const;
const TOWARDS = ["R", "A", "S"] as const;
const AWAY = ["L", "P", "I"] as const;

/** A stored axis seen along a world axis. */
interface Line {
  readonly axis: number;
  readonly stride: number;
  /** The stored index falls as the world coordinate grows. */
  readonly reversed: boolean;
  /** First and number of voxels shown, counted in the world's direction. */
  readonly start: number;
  readonly count: number;
  readonly size: number;
}

/**
 * Takes a slice out of a volume as one looks at it, whatever way its voxels are stored: face up in the axial plane, head up in
 * the others, nose to the left in the sagittal one, and the patient's right at the left unless told otherwise.
 *
 * Voxels are taken as they are; an oblique volume is shown along its own axes, each taken for the nearest world axis.
 *
 * @returns pixels of the volume's type, their size in mm, and which side is where
 * @throws `out-of-range` if the slice or the box does not lie within the volume; with `through`, `grid-mismatch` if the mask
 *   lies elsewhere, `empty-mask` if it has no voxel
 * @example
 * const { width, height, data } = sliceView(post, { plane: "coronal", slice: { mm: -20 } });
 */
export function sliceView<T extends VoxelArray>(volume: Volume<T>, options: SliceViewOptions = {}): SliceView<T> {
  const { plane = "axial", convention = "radiological", slice, box } = options;
  checkOneOf("plane", plane, ["axial", "coronal", "sagittal"]);
  checkOneOf("convention", convention, ["radiological", "neurological"]);
  const { grid } = volume;
  const lines = worldLines(grid, box);
  const [across, down, through] = PLANES[plane];
  const [u, v, w] = [lines[across]!, lines[down]!, lines[through]!];
  const index = sliceIndex(grid, w, through, slice, plane);
  // Only x may run either way along the image; y in the sagittal plane runs from the nose, at the left.
  const mirrored = across === 1 || convention === "radiological";
  const spacing = spacingMm(grid);
  const [right, left] = mirrored ? [AWAY[across], TOWARDS[across]] : [TOWARDS[across], AWAY[across]];
  return {
    width: u.count,
    height: v.count,
    data: takeSlice(volume.data, u, v, offset(w, index), mirrored),
    pixelMm: [spacing[u.axis]!, spacing[v.axis]!],
    edges: { left, right, top: TOWARDS[down], bottom: AWAY[down] },
    index,
    positionMm: slicePosition(grid, w, through, index),
  };
}

/** The stored axes in the order of the world axes x, y, z. */
function worldLines(grid: Grid, box: Box | undefined): readonly Line[] {
  const { start, shape } = box ?? { start: [0, 0, 0], shape: grid.shape };
  for (let axis = 0; axis < 3; axis++) {
    const [first, count, size] = [start[axis]!, shape[axis]!, grid.shape[axis]!];
    if (!(Number.isSafeInteger(first) && Number.isSafeInteger(count) && first >= 0 && count >= 1 && first + count <= size))
      throw new GadoliniteError(
        "out-of-range",
        `A box of [${shape}] voxels from [${start}] does not lie within [${grid.shape}].`,
      );
  }
  const code = orientation(grid);
  const strides = [1, grid.shape[0], grid.shape[0] * grid.shape[1]];
  return TOWARDS.map((towards, world) => {
    const axis = [...code].findIndex((letter) => letter === towards || letter === AWAY[world]);
    const reversed = code[axis] !== towards;
    const [first, count, size] = [start[axis]!, shape[axis]!, grid.shape[axis]!];
    return { axis, stride: strides[axis]!, reversed, start: reversed ? size - first - count : first, count, size };
  });
}

/** Where a voxel counted in the world's direction is stored, along one axis. */
const offset = ({ stride, reversed, size }: Line, index: number) => stride * (reversed ? size - 1 - index : index);

function takeSlice<T extends VoxelArray>(data: T, u: Line, v: Line, base: number, mirrored: boolean): T {
  const out = new (data.constructor as new (length: number) => T)(u.count * v.count);
  for (let row = 0, o = 0; row < v.count; row++) {
    const rowBase = base + offset(v, v.start + v.count - 1 - row);
    for (let column = 0; column < u.count; column++, o++)
      out[o] = data[rowBase + offset(u, u.start + (mirrored ? u.count - 1 - column : column))]!;
  }
  return out;
}

function sliceIndex(grid: Grid, line: Line, world: number, slice: SliceChoice | undefined, plane: Plane): number {
  if (slice === undefined) return line.start + (line.count >> 1);
  if ("through" in slice) return largestSlice(slice.through, grid, line);
  let index: number;
  if ("index" in slice) {
    checkNonNegativeInteger("slice.index", slice.index);
    index = slice.index;
  } else {
    checkFiniteNumber("slice.mm", slice.mm);
    const first = slicePosition(grid, line, world, 0);
    index = Math.round((slice.mm - first) / (slicePosition(grid, line, world, 1) - first));
  }
  if (index >= 0 && index < line.size) return index;
  const [from, to] = [0, line.size - 1].map((i) => slicePosition(grid, line, world, i).toFixed(1));
  throw new GadoliniteError(
    "out-of-range",
    `There is no ${plane} slice at ${JSON.stringify(slice)}: they are numbered 0 to ${line.size - 1}, from ${from} to ${to} mm.`,
  );
}

/** World coordinate of the middle of a slice. */
function slicePosition(grid: Grid, { axis, reversed, size }: Line, world: number, index: number): number {
  const middle = grid.shape.map((n) => (n - 1) / 2);
  middle[axis] = reversed ? size - 1 - index : index;
  return voxelToWorld(grid, middle as unknown as Vec3)[world]!;
}

function largestSlice(mask: Mask, grid: Grid, line: Line): number {
  checkMask("slice.through", mask, grid);
  const counts = new Float64Array(line.size);
  for (let i = 0; i < mask.data.length; i++) if (mask.data[i]) counts[Math.floor(i / line.stride) % line.size]!++;
  if (line.reversed) counts.reverse();
  return counts.indexOf(Math.max(...counts));
}
