import type { Vec3 } from "../core/grid.js";
import type { Random } from "../internal/random.js";
import { createWaves, type Waves, waveSum } from "./fields.js";
import { type Layers, paint } from "./layers.js";
import { cover } from "./shapes.js";
import { phantomLabels as label } from "./structures.js";

/** The kinds of lesion that a phantom can have. */
export type LesionKind = "ring-enhancing" | "meningioma" | "metastasis" | "schwannoma" | "cystic" | "non-enhancing";

/** How each kind is made: its default size, the range of sizes, and how much it pushes its surroundings away. */
export const LESION_KINDS: Readonly<
  Record<
    LesionKind,
    { readonly sizeMm: number; readonly rangeMm: readonly [number, number]; readonly push: number; readonly enhancing: boolean }
  >
> = {
  "ring-enhancing": { sizeMm: 28, rangeMm: [6, 60], push: 0.45, enhancing: true },
  meningioma: { sizeMm: 24, rangeMm: [5, 60], push: 0.75, enhancing: true },
  metastasis: { sizeMm: 3, rangeMm: [0.5, 30], push: 0.3, enhancing: true },
  schwannoma: { sizeMm: 8, rangeMm: [2, 30], push: 0.4, enhancing: true },
  cystic: { sizeMm: 20, rangeMm: [8, 50], push: 0.6, enhancing: true },
  "non-enhancing": { sizeMm: 22, rangeMm: [4, 60], push: 0.25, enhancing: false },
};

/** A lesion with its place and its shape, in scanner coordinates (before any motion). */
export interface Lesion {
  readonly kind: LesionKind;
  readonly centreMm: Vec3;
  readonly longAxisMm: number;
  /** Number from 1. */
  readonly number: number;
  /** Half-axes along the frame's vectors. */
  readonly halfMm: Vec3;
  /** Rows: the shape's own axes. The last one points outwards where the lesion sits on the dura. */
  readonly frame: readonly [Vec3, Vec3, Vec3];
  readonly bumps: Waves;
  readonly texture: Waves;
  /** Radius beyond which the lesion neither shows nor pushes. */
  readonly reachMm: number;
  /** Radius of the ball of the same volume, for pushing. */
  readonly radiusMm: number;
  /** Direction from the cyst's middle to its mural nodule. */
  readonly nodule: Vec3;
  readonly edemaMm: number;
}

export const normalized = ([x, y, z]: Vec3): Vec3 => {
  const n = Math.sqrt(x * x + y * y + z * z) || 1;
  return [x / n, y / n, z / n];
};
const cross = (a: Vec3, b: Vec3): Vec3 => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

/** A uniformly distributed direction. */
export function randomDirection(random: Random): Vec3 {
  const z = random.uniform(-1, 1);
  const angle = random.uniform(0, 2 * Math.PI);
  const r = Math.sqrt(1 - z * z);
  return [r * Math.cos(angle), r * Math.sin(angle), z];
}

/** How uneven the outline of each kind is, and how long its half-axes are relative to the first. */
const OUTLINE: Readonly<Record<LesionKind, readonly [bumps: number, second: number, third: number]>> = {
  "ring-enhancing": [0.1, 0.85, 0.75],
  meningioma: [0.03, 0.92, 0.72],
  metastasis: [0.02, 0.95, 0.9],
  schwannoma: [0.02, 0.7, 0.7],
  cystic: [0.03, 0.9, 0.85],
  "non-enhancing": [0.12, 0.8, 0.7],
};

/** Gives a lesion its shape, scaled so that its longest chord is the long axis. `outward` fixes the frame's last axis, `along` its first. */
export function createLesion(
  random: Random,
  kind: LesionKind,
  number: number,
  longAxisMm: number,
  centreMm: Vec3,
  { outward, along }: { readonly outward?: Vec3; readonly along?: Vec3 },
): Lesion {
  const third = outward ?? randomDirection(random);
  const first = along ?? normalized(cross(third, randomDirection(random)));
  const frame = along ? orthonormal(first) : ([first, cross(third, first), third] as const);
  const [bumpiness, b, c] = OUTLINE[kind];
  const half = longAxisMm / 2;
  // Bumps are a field over directions: wavelength on the unit sphere.
  const draft = {
    frame,
    halfMm: [half, half * b, half * c] as Vec3,
    bumps: createWaves(random, 10, 1.5, bumpiness),
  };
  const factor = longAxisMm / longestChord(draft);
  const halfMm: Vec3 = [half * factor, half * b * factor, half * c * factor];
  const radiusMm = Math.cbrt(halfMm[0] * halfMm[1] * halfMm[2]);
  const edemaMm = kind === "ring-enhancing" ? 0.7 * radiusMm + 2 : kind === "metastasis" && longAxisMm > 5 ? 0.8 * radiusMm : 0;
  return {
    ...draft,
    kind,
    number,
    centreMm,
    longAxisMm,
    halfMm,
    texture: createWaves(random, 8, Math.max(4, longAxisMm / 3)),
    radiusMm,
    reachMm: Math.max(2.6 * radiusMm, half * 1.5 + edemaMm + 8),
    nodule: normalized([random.normal(), random.normal(), random.normal()]),
    edemaMm,
  };
}

function orthonormal(first: Vec3): readonly [Vec3, Vec3, Vec3] {
  const helper: Vec3 = Math.abs(first[2]) < 0.9 ? [0, 0, 1] : [0, 1, 0];
  const second = normalized(cross(helper, first));
  return [first, second, cross(first, second)];
}

/** Distance from the centre to the surface in a unit direction, mm. */
function surfaceRadius(
  { frame, halfMm, bumps }: Pick<Lesion, "frame" | "halfMm" | "bumps">,
  x: number,
  y: number,
  z: number,
): number {
  let sum = 0;
  for (let axis = 0; axis < 3; axis++) {
    const along = (frame[axis]![0] * x + frame[axis]![1] * y + frame[axis]![2] * z) / halfMm[axis]!;
    sum += along * along;
  }
  return Math.max(0.6, Math.min(1.4, 1 + waveSum(bumps, x, y, z))) / Math.sqrt(sum);
}

/** Longest distance between two points of the surface, over 300 directions. */
function longestChord(shape: Pick<Lesion, "frame" | "halfMm" | "bumps">): number {
  const count = 300;
  const points = new Float64Array(3 * count);
  for (let n = 0; n < count; n++) {
    const z = 1 - (2 * n + 1) / count;
    const r = Math.sqrt(1 - z * z);
    const angle = n * Math.PI * (3 - Math.sqrt(5));
    const [x, y] = [r * Math.cos(angle), r * Math.sin(angle)];
    const radius = surfaceRadius(shape, x, y, z);
    points.set([radius * x, radius * y, radius * z], 3 * n);
  }
  let longest = 0;
  for (let a = 0; a < points.length; a += 3)
    for (let b = 0; b < a; b += 3)
      longest = Math.max(
        longest,
        (points[a]! - points[b]!) ** 2 + (points[a + 1]! - points[b + 1]!) ** 2 + (points[a + 2]! - points[b + 2]!) ** 2,
      );
  return Math.sqrt(longest);
}

/** Depth below a lesion's surface in mm, from an offset to its centre. */
function lesionDepth(lesion: Lesion, x: number, y: number, z: number): number {
  const r = Math.sqrt(x * x + y * y + z * z);
  if (r < 1e-6) return Math.min(...lesion.halfMm);
  return surfaceRadius(lesion, x / r, y / r, z / r) - r;
}

/** What the lesions do to a place: how far they push the brain there (mm), and how much of the white matter is soaked. */
export interface LesionEffect {
  dx: number;
  dy: number;
  dz: number;
  edema: number;
}

/**
 * Paints the lesions at a scanner's point and works out their effect on the brain around.
 *
 * @param inner depth below the skull's inner table, which bounds what grows on the dura
 * @param fine  texture of unit variance, for the edge of the edema
 */
export function paintLesions(
  lesions: readonly Lesion[],
  world: Float64Array,
  inner: number,
  fine: number,
  voxelMm: number,
  effect: LesionEffect,
  layers: Layers,
): void {
  effect.dx = 0;
  effect.dy = 0;
  effect.dz = 0;
  effect.edema = 0;
  for (let n = 0; n < lesions.length; n++) {
    const lesion = lesions[n]!;
    const { centreMm, reachMm } = lesion;
    const z = world[2]! - centreMm[2];
    if (z > reachMm || z < -reachMm) continue;
    const x = world[0]! - centreMm[0];
    const y = world[1]! - centreMm[1];
    const squared = x * x + y * y + z * z;
    if (squared > reachMm * reachMm) continue;
    const r = Math.sqrt(squared);
    pushAway(lesion, x, y, z, r, effect);
    if (r > 0.75 * lesion.longAxisMm + lesion.edemaMm + voxelMm + 4) continue;
    const depth = lesionDepth(lesion, x, y, z);
    if (lesion.edemaMm > 0) effect.edema = Math.max(effect.edema, 0.9 * cover(depth + lesion.edemaMm + 1.6 * fine, 4));
    if (depth > -voxelMm || lesion.longAxisMm < voxelMm) paintLesion(lesion, x, y, z, depth, inner, voxelMm, layers);
  }
}

/** An incompressible neighbourhood: what lies at r came from ∛(r³ − push·a³), fading out at the lesion's reach. */
function pushAway({ kind, radiusMm, reachMm }: Lesion, x: number, y: number, z: number, r: number, effect: LesionEffect): void {
  if (r < 1e-6) return;
  const { push } = LESION_KINDS[kind];
  const fade = 1 - r / reachMm;
  const shift = (Math.cbrt(Math.max(0, r ** 3 - push * radiusMm ** 3)) - r) * Math.min(1, 2 * fade);
  effect.dx += (x / r) * shift;
  effect.dy += (y / r) * shift;
  effect.dz += (z / r) * shift;
}

function paintLesion(
  lesion: Lesion,
  x: number,
  y: number,
  z: number,
  depth: number,
  inner: number,
  w: number,
  layers: Layers,
): void {
  const { kind, number, radiusMm, longAxisMm } = lesion;
  const uneven = waveSum(lesion.texture, x, y, z);
  const uptake = Math.max(0.4, 1 + 0.16 * uneven);
  switch (kind) {
    case "ring-enhancing": {
      const rim = Math.max(1.5, 0.22 * radiusMm * (1 + 0.45 * uneven));
      paint(layers, label.necrosis, cover(depth - rim, w), 1, number);
      paint(layers, label["enhancing rim"], cover(depth, w), uptake, number);
      return;
    }
    case "meningioma":
      paint(layers, label.meningioma, Math.min(cover(depth, w), cover(inner - 0.2, w)), Math.max(0.7, 1 + 0.07 * uneven), number);
      return;
    case "metastasis":
      paint(layers, label.metastasis, longAxisMm < w ? speckCover(lesion, x, y, z, w) : cover(depth, w), uptake, number);
      return;
    case "schwannoma":
      paint(layers, label.schwannoma, cover(depth, w), uptake, number);
      return;
    case "cystic":
      paintCyst(lesion, x, y, z, depth, w, uptake, layers);
      return;
    case "non-enhancing":
      paint(layers, label["low-grade tumour"], 0.92 * cover(depth, 2.5 * w), 1, number);
  }
}

/** A lesion smaller than a voxel: its volume, shared out linearly between the voxels around it, so that none of it is lost. */
function speckCover({ radiusMm }: Lesion, x: number, y: number, z: number, w: number): number {
  const near = Math.max(0, 1 - Math.abs(x) / w) * Math.max(0, 1 - Math.abs(y) / w) * Math.max(0, 1 - Math.abs(z) / w);
  return Math.min(1, ((4 / 3) * Math.PI * radiusMm ** 3) / w ** 3) * near;
}

/** A thin-walled cyst with a solid nodule on its wall. */
function paintCyst(
  lesion: Lesion,
  x: number,
  y: number,
  z: number,
  depth: number,
  w: number,
  uptake: number,
  layers: Layers,
): void {
  const { nodule, radiusMm, number } = lesion;
  const size = 0.34 * radiusMm + 0.8;
  const far = radiusMm - 0.7 * size;
  const distance = Math.sqrt((x - far * nodule[0]) ** 2 + (y - far * nodule[1]) ** 2 + (z - far * nodule[2]) ** 2);
  paint(layers, label["mural nodule"], Math.min(cover(size - distance, w), cover(depth, w)), uptake, number);
  paint(layers, label["cyst fluid"], cover(depth, w), 1, number);
}
