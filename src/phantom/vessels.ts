import { type Anatomy, beforePetrous, type Place, tentoriumHeight } from "./anatomy.js";
import { type Layers, paint } from "./layers.js";
import { cover, createTube, ellipseDepth, ellipsoidDepth, sheetCover, type Tube, tubeCover, tubeDepth } from "./shapes.js";
import { phantomLabels as label } from "./structures.js";

type Vessel = readonly [tube: Tube, radiusMm: number];

// Courses in the standard head, mirrored: x is |x|.
const HEAD_VESSELS: readonly Vessel[] = [
  // Internal carotid: neck, petrous part, siphon, top; then the middle cerebral artery to the insula.
  [
    createTube([
      [27, -18, -100, 2.6],
      [25, -14, -52, 2.5],
      [22, -6, -36, 2.4],
      [13, 2, -31, 2.4],
      [12, 10, -25, 2.3],
      [11, 4, -19, 2.2],
      [12, 6, -14, 2],
    ]),
    2.2,
  ],
  // Sigmoid sinus and jugular vein.
  [
    createTube([
      [56, -45, -26, 3.4],
      [49, -41, -44, 3.6],
      [34, -32, -60, 3.6],
      [32, -24, -100, 4.5],
    ]),
    3.6,
  ],
  [
    createTube([
      [7, -20, -80, 1.6],
      [10, -22, -64, 1.6],
      [1, -9, -42, 1.6],
    ]),
    1.6,
  ],
  [
    createTube([
      [0, -9, -42, 1.7],
      [0, -6, -30, 1.7],
      [0, -7, -16, 1.7],
    ]),
    1.7,
  ],
];
const BRAIN_VESSELS: readonly Vessel[] = [
  [
    createTube([
      [12, 6, -14, 1.6],
      [24, 8, -12, 1.5],
      [37, 7, -8, 1.4],
      [39, -4, -2, 1.1],
      [41, -18, 3, 0.9],
    ]),
    1.3,
  ],
  [
    createTube([
      [37, 7, -8, 1.2],
      [39, 14, -4, 1],
      [40, 20, 2, 0.9],
    ]),
    1,
  ],
  [
    createTube([
      [12, 6, -14, 1.3],
      [3, 13, -13, 1.2],
      [1.6, 30, -9, 1.2],
      [1.6, 43, 4, 1.1],
      [1.6, 36, 22, 1],
      [1.6, 8, 31, 0.9],
      [1.6, -22, 28, 0.8],
    ]),
    1.1,
  ],
  [
    createTube([
      [0, -7, -16, 1.4],
      [9, -10, -14, 1.3],
      [17, -22, -11, 1.2],
      [16, -38, -6, 1.1],
      [14, -58, -2, 0.9],
    ]),
    1.2,
  ],
  // Internal cerebral veins, vein of Galen.
  [
    createTube([
      [2, 2, 9, 0.8],
      [2, -20, 11, 1],
      [1, -38, 8, 1.3],
    ]),
    1,
  ],
  [
    createTube([
      [1, -38, 8, 1.8],
      [0, -46, 6, 2.2],
      [0, -48, -2, 2.2],
    ]),
    2,
  ],
  // Thalamostriate and septal tributaries on the ventricle's wall.
  [
    createTube([
      [2, 2, 9, 0.7],
      [11, 2, 13, 0.6],
      [15, -8, 16, 0.6],
    ]),
    0.65,
  ],
];

/** Paints the dural sinuses, arteries and veins within the cranial cavity. */
export function paintVessels(anatomy: Anatomy, place: Place, layers: Layers): void {
  const { voxelMm: w } = anatomy;
  const { ax, y, z, abx, by, bz } = place;
  if (place.inner < 12 || y < -36) paint(layers, label.blood, duralSinus(anatomy, place));
  if (z < -8 && ax < 62)
    for (const [tube, radius] of HEAD_VESSELS) {
      const depth = tubeDepth(tube, ax, y, z);
      if (depth > -w) paint(layers, label.blood, tubeCover(depth, radius, w));
    }
  if (abx < 46 && bz > -22 && bz < 38)
    for (const [tube, radius] of BRAIN_VESSELS) {
      const depth = tubeDepth(tube, abx, by, bz);
      if (depth > -w) paint(layers, label.blood, tubeCover(depth, radius, w));
    }
}

/** Share of the voxel in the superior sagittal, straight, inferior sagittal or transverse sinus. */
function duralSinus({ voxelMm: w, transverseMm }: Anatomy, { ax, y, z, inner, right }: Place): number {
  let share = 0;
  if (ax < 7 && inner < 12 && (z > 15 || y < -30) && z > -14) {
    // Triangular in section, wider towards the back.
    const radius = 2.3 + 1.6 * Math.max(0, Math.min(1, (40 - y) / 100));
    const below = inner - 0.4;
    share = tubeCover(radius - Math.max(0.85 * ax + 0.65 * below, Math.abs(below - radius / 2)), radius, w);
  }
  if (y < -36 && inner < 12) {
    const radius = transverseMm[right ? 1 : 0];
    const above = z - tentoriumHeight(ax, y);
    const depth = radius - Math.sqrt(above * above + (inner - 2.4) ** 2);
    const stop = -beforePetrous(ax, y) - 2;
    share = Math.max(share, tubeCover(Math.min(depth, stop), radius, w));
  }
  if (ax < 5 && y < -42) {
    const above = z - tentoriumHeight(0, y) - 1;
    share = Math.max(share, tubeCover(Math.min(1.9 - Math.sqrt(ax * ax + above * above), inner), 1.9, w));
  }
  return share;
}

/** Paints the veins that run over the hemispheres' surface along some of the sulci, and arteries at the bottom of others. */
export function paintSulcalVessels({ voxelMm: w }: Anatomy, { sulcal, inner, z, wrapped: depth }: Place, layers: Layers): void {
  if (depth < -4 || depth > 22) return;
  const some = sulcal[4]!;
  const s = sulcal[0]!;
  if (some > 0.35 && z > -15 && inner > 0) {
    const radius = Math.min(1.3, 0.5 + 0.5 * some);
    const d = Math.sqrt(s * s + (depth + 0.4) ** 2);
    if (d < radius + w) paint(layers, label.blood, tubeCover(radius - d, radius, w));
  }
  if (some < -0.5) {
    const down = depth - 0.75 * sulcal[1]!;
    const d = Math.sqrt(s * s + down * down);
    if (d < 0.7 + w) paint(layers, label.blood, tubeCover(0.6 - d, 0.6, w));
  }
}

/** Paints the dura: a thin lining of the skull, the falx and the tentorium. */
export function paintDura({ voxelMm: w }: Anatomy, place: Place, layers: Layers): void {
  const { ax, y, z, inner } = place;
  if (inner < 2 + w) paint(layers, label.dura, 0.8 * sheetCover(inner - 0.2, 0.6, w));
  if (ax < 4) {
    // The falx ends above the callosum, less far down in front.
    const arch = -ellipseDepth(y + 3, z - 2, 47, 34);
    if (z > tentoriumHeight(0, y) && arch > 0) paint(layers, label.dura, sheetCover(ax, 0.45, w));
  }
  if (y < -12 && z < 4 && z > -40) {
    const incisura = ellipsoidDepth(ax, y + 20, 0, 17, 29, 100);
    if (incisura < 0 && beforePetrous(ax, y) < 0)
      paint(layers, label.dura, sheetCover((z - tentoriumHeight(ax, y)) * 0.85, 0.5, w));
  }
}

/** Paints the pituitary and its stalk, and the cavernous sinus beside it. */
export function paintSella({ voxelMm: w }: Anatomy, { ax, y, z }: Place, layers: Layers): void {
  if (ax > 20 || y < -12 || y > 22 || z < -40 || z > -8) return;
  paint(layers, label.pituitary, cover(ellipsoidDepth(ax, y - 7, z + 27, 6.2, 5, 3.6), w));
  paint(layers, label.pituitary, tubeCover(tubeDepth(STALK, ax, y, z), 1.1, w));
  paint(layers, label.blood, 0.7 * cover(ellipsoidDepth(ax - 11, y - 5, z + 28, 4, 9, 5.5), w));
}

const STALK = createTube([
  [0, 7, -25, 1.1],
  [0, 4, -13, 1.2],
]);
