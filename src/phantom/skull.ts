import type { Anatomy, Place } from "./anatomy.js";
import { type Layers, paint } from "./layers.js";
import { cover, createTube, ellipsoidDepth, sheetCover, smoothMax, tubeCover, tubeDepth } from "./shapes.js";
import { phantomLabels as label } from "./structures.js";

const PETROUS = createTube([
  [17, -6, -29, 6],
  [36, -20, -31, 8.5],
  [56, -33, -33, 10],
]);
/** The internal auditory canal, from its opening to its end. */
export const AUDITORY_CANAL = {
  opening: [23, -24.5, -29],
  end: [35, -22, -29],
  radiusMm: 2.6,
} as const;
const CANAL = createTube([
  [...AUDITORY_CANAL.opening, AUDITORY_CANAL.radiusMm + 0.6],
  [...AUDITORY_CANAL.end, AUDITORY_CANAL.radiusMm - 0.4],
]);
const FACIAL_NERVES = createTube([
  [10, -25, -29, 0.9],
  [36, -21.5, -29, 0.8],
]);
const COCHLEA = createTube([
  [37, -15, -30, 2],
  [39, -14, -30, 2],
]);
const LABYRINTH = createTube([
  [39, -22, -28, 1.6],
  [42, -26, -27, 1.3],
]);
const OPTIC_NERVE = createTube([
  [29, 56, -20, 1.9],
  [14, 22, -17, 2],
  [6, 8, -14, 2],
]);
const LATERAL_MUSCLE = createTube([
  [41, 70, -21, 1.4],
  [37, 54, -20, 2.3],
  [18, 28, -18, 1.5],
]);
const MEDIAL_MUSCLE = createTube([
  [20, 70, -21, 1.4],
  [19, 54, -20, 2.3],
  [15, 28, -18, 1.5],
]);
const VERTICAL_MUSCLE = createTube([
  [29, 66, -9, 1.3],
  [26, 50, -11, 2],
  [16, 28, -16, 1.4],
]);
const ZYGOMA = createTube([
  [40, 78, -42, 5],
  [60, 52, -38, 4],
  [66, 22, -36, 3.2],
]);
const MANDIBLE = createTube([
  [52, 6, -42, 4.5],
  [49, 12, -70, 5.5],
  [46, 20, -110, 6],
]);
const MASSETER = createTube([
  [58, 36, -45, 7],
  [54, 22, -95, 9],
]);
const PTERYGOID = createTube([
  [32, 30, -42, 8],
  [44, 16, -72, 8],
]);
const TEMPORALIS = { y: 14, z: -18, ry: 46, rz: 46 };

const clamp01 = (v: number) => Math.max(0, Math.min(1, v));

/** Depth in the petrous bone. */
export const petrousDepth = ({ ax, y, z, outer }: Place): number =>
  z > -8 || z < -58 ? -20 : Math.min(tubeDepth(PETROUS, ax, y, z), outer - 8);

/** Paints the petrous bone with the internal auditory canal and the inner ear: it stands out into the cranial cavity. */
export function paintPetrous({ voxelMm: w }: Anatomy, place: Place, layers: Layers): void {
  const { ax, y, z, fine } = place;
  paint(layers, label.nerve, 0.8 * tubeCover(tubeDepth(FACIAL_NERVES, ax, y, z), 0.9, w));
  const fluid = Math.max(tubeDepth(CANAL, ax, y, z), tubeDepth(COCHLEA, ax, y, z), tubeDepth(LABYRINTH, ax, y, z));
  paint(layers, label.csf, cover(fluid, w));
  // Marrow at the tip, air cells in the mastoid.
  paint(layers, label.marrow, 0.75 * cover(Math.min(petrousDepth(place) - 2.5, 30 - ax), w));
  paint(layers, label.air, ax > 44 ? 0.8 * cover(1.5 * fine + 0.5, 2) : 0);
  paint(layers, label["cortical bone"], 1);
}

/** Paints all outside the cranial cavity: bone, sinuses, orbits, muscles, fat and skin. */
export function paintOutside(anatomy: Anatomy, place: Place, layers: Layers): void {
  const { y, z, inner } = place;
  if (z < 14 && y > 5) paintFace(anatomy, place, layers);
  if (layers.remaining <= 0) return;
  if (inner > -anatomy.skullMm - 6) paintVault(anatomy, place, layers);
  if (layers.remaining <= 0) return;
  if (z < -22) paintJaw(anatomy, place, layers);
  paintSoftTissue(anatomy, place, layers);
}

/** Two tables of cortical bone with marrow between. */
function paintVault({ voxelMm: w, skullMm }: Anatomy, { inner, coarse, fine, y, z, ax }: Place, layers: Layers): void {
  // Thin at the temples and at the orbit's roof, thick at the base and the back.
  const thin =
    Math.max(0, 1 - ((y - 18) / 32) ** 2) * clamp01((14 - z) / 12) * clamp01((ax - 36) / 12) * 2.2 +
    3 * clamp01((4 - z) / 8) * clamp01((y - 26) / 8);
  const thickness = Math.max(2.2, skullMm + 0.7 * coarse - thin + 2.5 * clamp01((-30 - z) / 10));
  const depth = -inner;
  const table = 1.7 + 0.2 * fine;
  const diploe = Math.min(depth - table, thickness - table - depth);
  paint(layers, label.marrow, cover(diploe, w) * Math.min(1, 0.85 + 0.15 * fine));
  paint(layers, label["cortical bone"], cover(thickness - depth, w));
}

/** Orbits, nose and the air-filled sinuses with their mucosa. */
function paintFace(anatomy: Anatomy, place: Place, layers: Layers): void {
  const { voxelMm: w } = anatomy;
  paintNose(w, place, layers);
  const { ax, y, z, inner, outer } = place;
  const orbit = Math.min(ellipsoidDepth(ax - 30 + 0.3 * (72 - y), y - 57, z + 20, 15.5, 30, 15), outer - 2.5, -inner - 2.5);
  if (orbit < -3) return;
  const eye = ellipsoidDepth(ax - 31, y - 68, z + 21, 12, 12, 12);
  paint(layers, label.lens, cover(ellipsoidDepth(ax - 31, y - 77, z + 21, 4.6, 2.2, 4.6), w));
  paint(layers, label["vitreous body"], cover(eye - 1.2, w));
  paint(layers, label.dura, 0.8 * cover(eye, w));
  paint(layers, label.nerve, tubeCover(tubeDepth(OPTIC_NERVE, ax, y, z), 1.9, w));
  const muscles = Math.max(
    tubeDepth(LATERAL_MUSCLE, ax, y, z),
    tubeDepth(MEDIAL_MUSCLE, ax, y, z),
    tubeDepth(VERTICAL_MUSCLE, ax, y, z),
    tubeDepth(VERTICAL_MUSCLE, ax, y, -z - 41),
  );
  paint(layers, label.muscle, tubeCover(muscles, 1.8, w));
  paint(layers, label.fat, cover(orbit, w));
  paint(layers, label["cortical bone"], 0.85 * cover(orbit + 2, w));
}

function paintNose(w: number, { ax, y, z, coarse, fine, inner, outer }: Place, layers: Layers): void {
  const meatus = smoothMax(ellipsoidDepth(ax, y - 60, z + 56, 13, 36, 20), ellipsoidDepth(ax, y - 54, z + 27, 12, 25, 14), 5);
  const cavity = Math.min(meatus, outer - 4, -inner - 3);
  const maxillary = ellipsoidDepth(ax - 31, y - 57, z + 54, 14, 17, 16) + 0.8 * fine;
  const sphenoid = ellipsoidDepth(ax - 4, y - 25, z + 33, 9, 10, 8) + 0.6 * fine;
  const frontal = Math.min(ellipsoidDepth(ax - 9, y - 84, z - 1, 13, 4, 11) + 0.5 * fine, -inner - 2, outer - 5);
  const sinus = Math.max(maxillary, sphenoid, frontal);
  if (sinus > -4) {
    paint(layers, label["cortical bone"], ax < 6 ? sheetCover(ax, 0.5, w) * cover(sinus, w) : 0);
    paint(layers, label.air, cover(sinus - 1, w));
    paint(layers, label.mucosa, cover(sinus, w));
    paint(layers, label["cortical bone"], 0.9 * cover(sinus + 1.6, w));
  }
  if (cavity < -w) return;
  // Septum in the middle, three turbinates a side, ethmoid cells above.
  paint(layers, label.skin, 0.8 * sheetCover(ax, 0.4, w) * cover(cavity, w));
  const septum = sheetCover(ax, 1, w);
  const turbinates = Math.max(
    ellipsoidDepth(ax - 9, y - 60, z + 64, 4.2, 22, 5.5),
    ellipsoidDepth(ax - 8, y - 56, z + 51, 3.2, 18, 5.5),
    ellipsoidDepth(ax - 7, y - 52, z + 40, 2.4, 14, 4),
  );
  const cells =
    z > -36 ? cover(1.4 * Math.abs(Math.sin(0.55 * y + 1.6 * fine) * Math.sin(0.55 * ax + 1.3 * coarse + 0.8)) - 0.55, 0.8) : 1;
  const wet = Math.max(cover(turbinates, w), septum, 1 - cells, 1 - cover(cavity - 1.3, w));
  paint(layers, label.mucosa, wet * cover(cavity, w));
  paint(layers, label.air, cover(cavity, w));
}

/** Cheekbone, jaw, chewing muscles. */
function paintJaw({ voxelMm: w }: Anatomy, { ax, y, z, coarse, fine }: Place, layers: Layers): void {
  const bone = Math.max(tubeDepth(ZYGOMA, ax, y, z), tubeDepth(MANDIBLE, ax, y, z));
  paint(layers, label.marrow, cover(bone - 2, w));
  paint(layers, label["cortical bone"], cover(bone, w));
  paint(layers, label["cortical bone"], y > 18 && y < 84 ? 0.8 * sheetCover(z + 79, 2.2, w) * cover(26 - ax, w) : 0);
  const muscle = smoothMax(tubeDepth(MASSETER, ax, y, z), tubeDepth(PTERYGOID, ax, y, z), 3) + 0.5 * fine;
  paint(layers, label.muscle, (0.85 + 0.07 * Math.max(-2, Math.min(2, coarse))) * cover(muscle, 1.5 * w));
}

/** Skin, fat and muscle: what lies between the bones and the air. */
function paintSoftTissue({ voxelMm: w }: Anatomy, { ax, y, z, outer, inner, coarse, fine }: Place, layers: Layers): void {
  paint(layers, label.skin, cover(1.9 - outer, w));
  const { y: ty, z: tz, ry, rz } = TEMPORALIS;
  const temporal = Math.min(ellipsoidDepth(0, y - ty, z - tz, 10, ry, rz), ax - 35, outer - 4.5);
  // Fat between the fibres, more here than there.
  const marbling = Math.max(-2, Math.min(2, coarse - fine));
  paint(layers, label.muscle, cover(temporal + 0.6 * fine, 1.5 * w) * (0.83 + 0.08 * marbling));
  // The neck's muscles and the deep face: strands of muscle in fat.
  const deep = z < -20 ? Math.min(1, Math.max(0, (outer - 6) / 6)) : 0;
  const strand = 0.2 + 0.9 * coarse + 0.7 * fine + (y < -20 ? 0.6 : 0);
  paint(layers, label.muscle, (0.82 + 0.08 * marbling) * deep * cover(strand, 0.8));
  // The galea: a thin sheet of fibres between scalp and skull.
  paint(layers, label.skin, z > -10 ? 0.6 * sheetCover(outer - 4.2, 0.5, w) : 0);
  paint(layers, label.skin, inner < -30 ? 0.1 : 0.04);
  paint(layers, label.fat, 1);
}
