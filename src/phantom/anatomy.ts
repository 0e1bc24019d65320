import type { Vec3 } from "../core/grid.js";
import { createRandom } from "../internal/random.js";
import { createLattice, createWaves, type Lattice, sampleLattice } from "./fields.js";
import { ellipsoidDepth, smoothMax } from "./shapes.js";
import { createSulcalFields, createSulcalMap, otherHemisphere, type SulcalMap } from "./sulcalMap.js";

/** What makes one head differ from another. Lengths in mm; x to the right, y forward, z up, the origin between the commissures. */
export interface Anatomy {
  /** Width of the soft border between structures: a voxel. */
  readonly voxelMm: number;
  /** Factors from the scanner's millimetres to those of the standard head. */
  readonly scale: Vec3;
  /** Three channels: how the head is bent out of the standard one. */
  readonly headWarp: Lattice;
  /** Five: the brain's own warp, a coarse and a fine texture. */
  readonly fields: Lattice;
  readonly sulci: readonly [SulcalMap, SulcalMap];
  readonly ventricles: number;
  readonly csfMm: number;
  readonly cortexMm: number;
  readonly sulcusMm: number;
  readonly skullMm: number;
  readonly scalpMm: number;
  readonly folia: number;
  /** Radius of the left and the right transverse sinus. */
  readonly transverseMm: readonly [number, number];
}

/** Channels of `fields` after the brain's warp. */
const COARSE = 3;
const FINE = 4;

/** Half-size in mm of the box in which the head's random fields vary. */
const HALF: Vec3 = [96, 112, 100];

export function createAnatomy(seed: number, voxelMm: number): Anatomy {
  const random = createRandom(seed, 1);
  const scale: Vec3 = [1 / random.uniform(0.965, 1.03), 1 / random.uniform(0.965, 1.03), 1 / random.uniform(0.965, 1.03)];
  const head = [0, 1, 2].map(() => createWaves(random, 8, 150, 2));
  const brain = [0, 1, 2].map(() => createWaves(random, 8, 36, 1.4));
  const headWarp = createLattice(HALF, 10, head);
  const fields = createLattice(HALF, Math.max(4, 1.7 * voxelMm), [
    ...brain,
    createWaves(random, 8, 24),
    createWaves(random, 8, 11),
  ]);
  const sulci = createSulcalFields(random);
  const nodes = Math.max(24, Math.min(84, Math.round(88 / voxelMm)));
  const larger = random.uniform(2.6, 3.4);
  const smaller = random.uniform(1.8, 2.6);
  return {
    voxelMm,
    scale,
    headWarp,
    fields,
    sulci: [createSulcalMap(sulci, nodes), createSulcalMap(otherHemisphere(sulci, random, 0.9), nodes)],
    ventricles: random.uniform(0.8, 1.35),
    csfMm: random.uniform(0.8, 2.2),
    cortexMm: random.uniform(2.3, 2.8),
    sulcusMm: random.uniform(0.3, 0.65),
    skullMm: random.uniform(5.5, 7.5),
    scalpMm: random.uniform(5, 7.5),
    folia: random.integer(3) + 12,
    // The right one is the larger in most people.
    transverseMm: random.uniform() < 0.7 ? [smaller, larger] : [larger, smaller],
  };
}

/** A point of the head and what all painters ask about it; used again for every voxel. */
export interface Place {
  /** In the standard head; `ax` is |x|. */
  x: number;
  y: number;
  z: number;
  ax: number;
  right: boolean;
  /** Depth below the inner table of the skull, below the skin, below the tentorium's and before the petrous ridge's surface. */
  inner: number;
  outer: number;
  /** Smooth random textures of unit variance, 24 and 11 mm long. */
  coarse: number;
  fine: number;
  /** The point as the brain sees it: moved by its own warp and by what lesions push aside. */
  bx: number;
  by: number;
  bz: number;
  abx: number;
  /** Depth below the smooth surface that wraps the cerebrum, and below the folded one (its sulci). */
  wrapped: number;
  pial: number;
  /** Scanner coordinates. */
  readonly world: Float64Array;
  readonly fields: Float64Array;
  readonly sulcal: Float64Array;
}

export function createPlace(): Place {
  return {
    x: 0,
    y: 0,
    z: 0,
    ax: 0,
    right: false,
    inner: 0,
    outer: 0,
    coarse: 0,
    fine: 0,
    bx: 0,
    by: 0,
    bz: 0,
    abx: 0,
    wrapped: 0,
    pial: 0,
    world: new Float64Array(3),
    fields: new Float64Array(5),
    sulcal: new Float64Array(5),
  };
}

/** Inverse squares of half-axes in mm of an ellipsoid (a cylinder below) around any head. */
const REACH: Vec3 = [97 ** -2, 117 ** -2, 103 ** -2];

/**
 * Goes to a point of the scanner (world, mm) and works out where in the head that is.
 *
 * @returns false if the point lies well outside the head; then only `outer` is set
 */
export function goTo(
  { headWarp, fields, scale, scalpMm, skullMm, voxelMm }: Anatomy,
  x: number,
  y: number,
  z: number,
  place: Place,
): boolean {
  const { fields: values } = place;
  // No head fills the corners.
  const round = x * x * REACH[0] + y * y * REACH[1] + (z > 0 ? z * z * REACH[2] : 0);
  if (round > 1) {
    place.outer = -100;
    return false;
  }
  sampleLattice(headWarp, x, y, z, values);
  place.x = scale[0] * (x + values[0]!);
  place.y = scale[1] * (y + values[1]!);
  place.z = scale[2] * (z + values[2]!);
  place.ax = Math.abs(place.x);
  place.inner = cavityDepth(place.ax, place.y, place.z);
  place.outer = headDepth(place, skullMm + scalpMm);
  if (place.outer < -voxelMm) return false;
  place.world[0] = x;
  place.world[1] = y;
  place.world[2] = z;
  place.right = place.x > 0;
  sampleLattice(fields, x, y, z, values);
  place.coarse = values[COARSE]!;
  place.fine = values[FINE]!;
  return true;
}

/** Sets the brain's own coordinates: the place, moved by (dx, dy, dz) mm and warped. */
export function goToBrain(place: Place, dx: number, dy: number, dz: number): void {
  const { fields } = place;
  // Little warp near the midline, so that falx and fissure stay together.
  const free = Math.min(1, place.ax / 20);
  place.bx = place.x + dx + free * fields[0]!;
  place.by = place.y + dy + fields[1]!;
  place.bz = place.z + dz + fields[2]!;
  place.abx = Math.abs(place.bx);
}

/** Depth in the cranial cavity with the upper spinal canal. */
function cavityDepth(ax: number, y: number, z: number): number {
  const vault = vaultDepth(ax, y, z);
  if (z > 14 || vault > 30) return vault;
  const posterior = ellipsoidDepth(ax, y + 45, z + 27, 55, 38, 36);
  const middle = ellipsoidDepth(ax - 42, y - 5, z + 18, 25, 34, 26);
  const canal = z < -45 ? 10 - Math.sqrt(ax * ax + (y + 36) * (y + 36)) : -60;
  return smoothMax(smoothMax(smoothMax(vault, posterior, 8), middle, 7), canal, 8);
}

/** The vault: half an ellipsoid above, a flat one below, fuller than either between its axes and widest behind the middle. */
function vaultDepth(ax: number, y: number, z: number): number {
  const rz = z > 8 ? 64 : 27;
  const a = ax / (67.5 - 0.06 * y - 0.0006 * y * y);
  const b = (y + 2) / 83;
  const c = (z - 8) / rz;
  const [a2, b2, c2] = [a * a, b * b, c * c];
  const sum = a2 + b2 + c2 + 1e-9;
  const fuller = (0.28 * (a2 * b2 + b2 * c2 + a2 * c2)) / sum;
  const k = Math.sqrt(sum - fuller);
  return (k * (1 - k)) / Math.sqrt(a2 / (67 * 67) + b2 / (83 * 83) + c2 / (rz * rz) + 1e-9);
}

/** Depth below the skin; within the skull's cavity only a bound. */
function headDepth({ ax, y, z, inner }: Place, wallMm: number): number {
  if (inner > 3 || (z > 48 && inner < -40)) return inner + wallMm;
  // The temporal fossa is filled with muscle.
  const muscle = 7 * Math.max(0, 1 - ((y - 12) / 45) ** 2) * Math.max(0, 1 - ((z + 12) / 44) ** 2) * Math.min(1, ax / 40);
  const vault = inner + wallMm + muscle;
  if (z > 48) return vault;
  const face = ellipsoidDepth(ax, y - 36, z + 42, 60, 58, 78);
  const neck = Math.min(ellipsoidDepth(ax, y + 20, 0, 60, 62, 100), -30 - z);
  const nose = ax < 24 && y > 70 ? noseDepth(ax, y, z) : -20;
  const ear = ax > 60 ? ellipsoidDepth(ax - 75, y + 14 + 0.25 * (z + 30), z + 28, 6, 15, 26) : -20;
  return smoothMax(smoothMax(smoothMax(smoothMax(vault, face, 14), neck, 18), nose, 8), ear, 5);
}

function noseDepth(ax: number, y: number, z: number): number {
  const t = Math.max(0, Math.min(1, (-34 - z) / 26));
  const dy = y - (90 + 7 * t);
  return 5 + 4 * t - Math.sqrt(ax * ax + dy * dy + (z < -60 ? (z + 60) ** 2 : z > -34 ? (z + 34) ** 2 : 0));
}

/** Height of the tentorium above (ax, y). */
export function tentoriumHeight(ax: number, y: number): number {
  const back = Math.max(0, -45 - y);
  return -4 - 15 * Math.min(1.6, (ax / 46) ** 2) - 0.32 * back;
}

/** Distance in mm before (in front of) the petrous ridge; negative behind it. */
export function beforePetrous(ax: number, y: number): number {
  return 0.84 * (y + 7 + 0.62 * ax);
}

/** How far above the tentorium or before the petrous ridge: the cerebrum's side is positive, the cerebellum's negative. */
export function supratentorial(ax: number, y: number, z: number): number {
  return smoothMax(z - tentoriumHeight(ax, y), beforePetrous(ax, y), 4);
}

/** The scanner's point at which the standard head's point (x, y, z) lies. */
export function toScanner({ headWarp, scale }: Anatomy, [x, y, z]: Vec3): Vec3 {
  const warp = new Float64Array(3);
  let at: Vec3 = [x / scale[0], y / scale[1], z / scale[2]];
  // The warp is smooth and small, so a few steps of the fixed-point iteration settle it.
  for (let step = 0; step < 12; step++) {
    sampleLattice(headWarp, at[0], at[1], at[2], warp);
    at = [x / scale[0] - warp[0]!, y / scale[1] - warp[1]!, z / scale[2] - warp[2]!];
  }
  return at;
}
