import type { Anatomy, Place } from "./anatomy.js";
import { type Layers, paint } from "./layers.js";
import {
  cover,
  createTube,
  ellipseDepth,
  ellipsoidDepth,
  sheetCover,
  smoothMax,
  smoothMin,
  type Tube,
  tubeDepth,
} from "./shapes.js";
import { phantomLabels as label } from "./structures.js";
import { hullRadius, sampleSulcalMap } from "./sulcalMap.js";

/** Middle of each hemisphere, from which its sulci run outwards. */
const MIDDLE = { x: 28, y: -5, z: 13 };

const FRONTAL_HORN = createTube([
  [8, 31, 3, 3.2],
  [9, 20, 12, 5.2],
  [9, 2, 17, 4.6],
  [12, -18, 18, 5.2],
  [21, -36, 10, 7.2],
  [27, -44, 4, 5],
  [27, -60, 2, 2.2],
]);
const TEMPORAL_HORN = createTube([
  [23, -38, 6, 5.5],
  [33, -26, -9, 2.8],
  [31, -8, -19, 2],
]);
const CHOROID = createTube([
  [21, -37, 7, 2.6],
  [16, -25, 14, 2],
  [9, -6, 13, 1.2],
  [5, 3, 10, 0.9],
]);
const CAUDATE = createTube([
  [11, 27, 4, 4.5],
  [14, 18, 10, 5.2],
  [16, 4, 17, 3],
  [18, -18, 19, 1.8],
]);
const HIPPOCAMPUS = createTube([
  [22, -8, -19, 5.5],
  [27, -18, -15, 4.2],
  [27, -32, -4, 3],
]);
const STEM = createTube([
  [0, -14, 2, 8.5],
  [0, -19, -9, 10.5],
  [0, -20, -21, 13.5],
  [0, -22, -32, 12.5],
  [0, -29, -47, 8],
  [0, -35, -64, 6],
  [0, -37, -110, 5.5],
]);
const PEDUNCLE = createTube([
  [8, -24, -27, 8],
  [23, -44, -33, 6],
]);
const AQUEDUCT = createTube([
  [0, -22, 0, 0.9],
  [0, -31, -12, 0.9],
  [0, -36, -24, 2],
]);

const tubeOf = ({ abx, by, bz }: Place, tube: Tube) => tubeDepth(tube, abx, by, bz);

/**
 * Paints all within the cranial cavity but vessels and dura.
 *
 * @param side  above the tentorium where positive
 * @param edema how much of the white matter lesions have soaked, 0 to 1
 */
export function paintBrain(anatomy: Anatomy, place: Place, side: number, edema: number, layers: Layers): void {
  const w = anatomy.voxelMm;
  const { abx, by, bz } = place;
  if (by < 50 && by > -75 && bz < 40 && bz > -48 && abx < 45) paintInnerBrain(anatomy, place, layers);
  if (layers.remaining <= 0) return;
  if (abx < 20 && bz < 14) {
    const stem = tubeDepth(STEM, abx / 1.15, by, bz);
    if (stem > -w) paint(layers, label["brain stem"], cover(stem, w));
  }
  if (side < 2) paintCerebellum(anatomy, place, side, layers);
  if (side > -2) paintCerebrum(anatomy, place, edema, layers);
  paint(layers, label.csf, 1);
}

/** Ventricles, callosum and deep grey nuclei: what lies within the hemispheres. */
function paintInnerBrain({ voxelMm: w, ventricles }: Anatomy, place: Place, layers: Layers): void {
  const { abx, by, bz, fine } = place;
  const grow = 2.2 * (ventricles - 1);
  const frontal = tubeOf(place, FRONTAL_HORN) + grow;
  const temporal = tubeOf(place, TEMPORAL_HORN) + 0.6 * grow;
  // Between the two frontal horns stands the septum.
  const lateral = Math.min(smoothMax(frontal, temporal, 3), abx - 0.6);
  const choroid = tubeOf(place, CHOROID) + 0.7 * fine;
  if (lateral > -w) paint(layers, label["choroid plexus"], Math.min(cover(choroid, w), cover(lateral, w)));
  paint(layers, label.csf, cover(lateral, w));
  if (abx < 8) paintMidline(w, ventricles, place, layers);
  paint(layers, label["white matter"], cover(callosum(abx, by, bz), w));
  if (bz > -24) paintNuclei(w, place, layers);
}

function paintMidline(w: number, ventricles: number, { abx, by, bz }: Place, layers: Layers): void {
  const third = ellipsoidDepth(abx, by + 8, bz + 1, 1.6 + 1.2 * ventricles, 17, 10);
  // The thalami touch in the middle of the third ventricle.
  const adhesion = ellipsoidDepth(0, by + 10, bz - 2, 1, 4, 3);
  paint(layers, label.csf, cover(Math.min(third, -adhesion), w));
  const fourth = ellipsoidDepth(abx, by + 37, bz + 33, 6.5, 5.5, 11);
  paint(layers, label["choroid plexus"], Math.min(cover(ellipsoidDepth(abx, by + 40, bz + 36, 5, 1.6, 3), w), 0.8));
  paint(layers, label.csf, cover(Math.max(fourth, tubeDepth(AQUEDUCT, abx, by, bz)), w));
  paint(layers, label.pineal, cover(ellipsoidDepth(abx, by + 38, bz - 1, 3, 4, 2.6), w));
}

/** The corpus callosum: an arch over the ventricles, thicker at genu and splenium, spreading upwards to the sides. */
function callosum(abx: number, by: number, bz: number): number {
  const lift = 0.012 * abx * abx;
  // Genu and splenium send their fibres forwards and backwards: the forceps.
  const arch = ellipseDepth((by + 4) * (1 - 0.0011 * abx * abx), bz - 2 - lift, 40, 24);
  const thick = 3 + 2.2 * Math.min(1, ((by + 2) / 38) ** 2) - 0.008 * abx * abx;
  const band = thick - Math.abs(arch - thick + 1);
  return Math.min(band, bz + 1 - lift + 0.12 * by, 18 - abx);
}

function paintNuclei(w: number, place: Place, layers: Layers): void {
  const { abx, by, bz } = place;
  const thalamus = ellipsoidDepth(abx - 10.5 + 0.25 * (by + 17), by + 17, bz - 6, 8, 14, 8.5);
  paint(layers, label.thalamus, cover(thalamus, 1.6 * w));
  paint(layers, label.caudate, cover(tubeOf(place, CAUDATE), w));
  // The lentiform nucleus: a wedge, slanted with the internal capsule before and behind it.
  const lx = abx - 24 + 0.16 * (by - 3);
  const lentiform = ellipsoidDepth(lx, by - 3, bz - 3, 7.5, 17, 11);
  if (lentiform > -w) {
    const pallidum = Math.min(lentiform, ellipsoidDepth(lx + 5.5, by - 1, bz - 1, 5.8, 12, 8));
    paint(layers, label.pallidum, cover(pallidum, 1.4 * w));
    paint(layers, label.putamen, cover(lentiform, w));
  }
  paint(layers, label["grey matter"], cover(tubeOf(place, HIPPOCAMPUS), w));
}

/** Depth below the smooth surface that wraps a hemisphere, the Sylvian fissure left out. */
export function wrappedDepth({ csfMm, sulcusMm }: Anatomy, place: Place, side: number): number {
  const { ax, y, z, abx, by, bz, inner } = place;
  const hull = inner - csfMm - 1;
  const cistern = -ellipsoidDepth(ax, y + 10, z + 25, 16.5, 24, 17);
  const wrapped = smoothMin(smoothMin(hull, side - 1.8, 4), cistern, 5);
  // Between the hemispheres: a sheet that ends where the callosum joins them.
  const joined = ellipseDepth(by + 5, bz - 2, 42, 27);
  const fissure = (joined > 0 ? Math.sqrt(abx * abx + joined * joined) : abx) - 0.9 - 0.4 * sulcusMm;
  return smoothMin(wrapped, fissure, 3);
}

/** Distance from the Sylvian fissure and the insula behind it, less their half-width. */
function sylvian(abx: number, by: number, bz: number, sulcusMm: number): number {
  const s = bz + 6 + 0.3 * (by - 4);
  const inwards = Math.max(0, 39 - abx);
  const behind = Math.max(0, -34 - by);
  const ahead = Math.max(0, by - 32);
  const mouth = Math.sqrt(s * s + inwards * inwards + behind * behind + ahead * ahead) - 0.7 - sulcusMm;
  const along = Math.max(0, Math.abs(s - 1) - 11);
  const before = Math.max(0, by - 26, -22 - by);
  const x = abx - 39 + 0.006 * (by - 2) ** 2;
  return Math.min(mouth, Math.sqrt(x * x + along * along + before * before) - 0.8 - sulcusMm);
}

/** Sets the place's depths below the wrapped and the folded surface of the cerebrum, and its sulcal channels. */
export function foldCerebrum(anatomy: Anatomy, place: Place, side: number): void {
  const { sulcal, abx, by, bz } = place;
  const wrapped = wrappedDepth(anatomy, place, side);
  place.wrapped = wrapped;
  place.pial = wrapped;
  if (wrapped < -4) return;
  const smooth = abx > 22 && bz < 22 && bz > -30 ? Math.min(wrapped, sylvian(abx, by, bz, anatomy.sulcusMm)) : wrapped;
  place.pial = smooth;
  if (wrapped > DEEPEST_SULCUS_MM) return;
  const x = abx - MIDDLE.x;
  const y = by - MIDDLE.y;
  const z = bz - MIDDLE.z;
  sampleSulcalMap(anatomy.sulci[place.right ? 1 : 0], x, y, z, sulcal);
  // Sheets draw together towards the middle, and end before they meet there.
  const outwards = Math.sqrt(x * x + y * y + z * z) / hullRadius(x, y, z);
  const shrink = Math.min(1.15, outwards);
  // Nor do they cut the basal forebrain.
  const basal = abx < 26 ? Math.max(0, 22 - Math.sqrt((by - 5) ** 2 + (bz + 6) ** 2)) * Math.min(1, (26 - abx) / 6) : 0;
  const end = 40 * Math.max(0, 0.62 - outwards) + basal;
  const half = anatomy.sulcusMm + (wrapped < 5 ? 0.08 * (5 - wrapped) : 0);
  const deep = sheetDistance(sulcal[0]! * shrink, wrapped - sulcal[1]! + end) - half;
  const shallow = sheetDistance(sulcal[2]! * shrink, wrapped - sulcal[3]! + end) - 0.7 * half;
  place.pial = smoothMin(smooth, smoothMin(deep, shallow, 1.5), 2.5);
}

/** Below this no sulcus comes near. */
const DEEPEST_SULCUS_MM = 34;

/** Distance to a sheet at distance `s` that ends `beyond` mm above the point. */
function sheetDistance(s: number, beyond: number): number {
  return beyond > 0 ? Math.sqrt(s * s + beyond * beyond) : Math.abs(s);
}

function paintCerebrum({ voxelMm: w, cortexMm }: Anatomy, { pial, coarse, fine }: Place, edema: number, layers: Layers): void {
  if (pial < w) paint(layers, label.csf, cover(-pial, w));
  if (layers.remaining <= 0) return;
  const cortex = cortexMm + 0.25 * coarse + 0.15 * fine;
  // The border of grey and white matter is softer than a voxel: fibres run into the cortex.
  if (pial < cortex + w + 1) paint(layers, label["grey matter"], cover(cortex - pial, 1.3 * w + 0.3));
  if (layers.remaining <= 0) return;
  if (edema > 0) paint(layers, label.edema, edema);
  // White matter is not even: fewer myelinated fibres here and there.
  paint(layers, label["grey matter"], 0.04 + 0.015 * Math.max(-2, Math.min(2, coarse + 0.6 * fine)));
  paint(layers, label["white matter"], 1);
}

function paintCerebellum({ voxelMm: w, folia }: Anatomy, place: Place, side: number, layers: Layers): void {
  const { abx, by, bz, inner, fine } = place;
  const hemisphere = ellipsoidDepth(abx - 23, by + 51, bz + 33, 32, 31, 27);
  const vermis = ellipsoidDepth(abx, by + 53, bz + 31, 13, 23, 24);
  const depth = smoothMin(smoothMin(smoothMax(hemisphere, vermis, 6), inner - 2.4, 4), -side - 1.6, 3);
  const peduncle = abx < 34 ? tubeOf(place, PEDUNCLE) : -9;
  if (peduncle > -w) paint(layers, label["cerebellar white matter"], Math.min(cover(peduncle, w), cover(-0.5 - side, w)));
  if (depth < -w) return;
  // Folia: clefts fanned around an axis in front of the cerebellum, alternately deep and shallow.
  const py = by + 30;
  const pz = bz + 34;
  const turn = Math.atan2(pz, -py) + 0.0016 * abx * abx * (pz > 0 ? -0.12 : 0.12) + 0.05 * fine;
  const radius = Math.sqrt(py * py + pz * pz);
  const cleft = (count: number) => (radius / count) * Math.asin(Math.sin(count * turn));
  const deep = sheetDistance(cleft(folia), depth - 9) - 0.45;
  const shallow = sheetDistance(cleft(2 * folia + 1), depth - 3.2) - 0.3;
  const pial = Math.min(depth, deep, shallow);
  paint(layers, label.csf, cover(-pial, w));
  paint(layers, label["cerebellar grey matter"], cover(1.9 - pial, 1.3 * w + 0.3));
  const dentate = sheetCover(ellipsoidDepth(abx - 15, by + 48, bz + 34, 7, 8, 5) + fine, 0.8, w);
  paint(layers, label["cerebellar grey matter"], abx > 12 ? 0.45 * dentate : 0);
  paint(layers, label["cerebellar grey matter"], 0.06 + 0.03 * Math.max(-1.5, Math.min(1.5, fine)));
  paint(layers, label["cerebellar white matter"], 1);
}
