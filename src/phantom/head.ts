import { type Anatomy, createPlace, goTo, goToBrain, type Place, supratentorial } from "./anatomy.js";
import { foldCerebrum, paintBrain } from "./brain.js";
import { type Layers, paint } from "./layers.js";
import { type Lesion, type LesionEffect, paintLesions } from "./lesions.js";
import { cover } from "./shapes.js";
import { paintOutside, paintPetrous, petrousDepth } from "./skull.js";
import { phantomLabels as label } from "./structures.js";
import { paintDura, paintSella, paintSulcalVessels, paintVessels } from "./vessels.js";

/** A head with its lesions, ready to be asked what is at a point. */
export interface Head {
  readonly anatomy: Anatomy;
  readonly lesions: readonly Lesion[];
  readonly place: Place;
  readonly effect: LesionEffect;
}

export function createHead(anatomy: Anatomy, lesions: readonly Lesion[]): Head {
  return { anatomy, lesions, place: createPlace(), effect: { dx: 0, dy: 0, dz: 0, edema: 0 } };
}

/** Paints what is at a scanner's point (world, mm) into `layers`; tells whether that point is within the brain's wrapping. */
export function paintHead({ anatomy, lesions, place, effect }: Head, x: number, y: number, z: number, layers: Layers): boolean {
  const w = anatomy.voxelMm;
  layers.count = 0;
  layers.remaining = 1;
  if (!goTo(anatomy, x, y, z, place)) {
    paint(layers, label.air, 1);
    return false;
  }
  paintLesions(lesions, place.world, place.inner, place.fine, w, effect, layers);
  goToBrain(place, effect.dx, effect.dy, effect.dz);
  if (place.outer < w) paint(layers, label.air, cover(-place.outer, w));
  if (place.inner > -w || place.z < -20) paintVessels(anatomy, place, layers);
  const petrous = petrousDepth(place);
  if (petrous > -w) paintShare(anatomy, place, cover(petrous, w), layers, paintPetrous);
  if (place.z < -5) paintSella(anatomy, place, layers);
  if (place.inner < w) paintShare(anatomy, place, cover(-place.inner, w), layers, paintOutside);
  if (layers.remaining > 0) paintInside(anatomy, place, effect.edema, layers);
  return place.inner > 1.5 && petrous < 0 && place.z > -62;
}

/** Lets a painter fill the fraction `alpha` of what is left, so that the rest keeps its own layers. */
function paintShare(
  anatomy: Anatomy,
  place: Place,
  alpha: number,
  layers: Layers,
  painter: (anatomy: Anatomy, place: Place, layers: Layers) => void,
): void {
  const left = layers.remaining;
  if (alpha <= 0 || left <= 0) return;
  layers.remaining = left * alpha;
  painter(anatomy, place, layers);
  layers.remaining = left * (1 - alpha);
}

function paintInside(anatomy: Anatomy, place: Place, edema: number, layers: Layers): void {
  paintDura(anatomy, place, layers);
  const side = supratentorial(place.ax, place.y, place.z);
  if (side > -2) {
    foldCerebrum(anatomy, place, side);
    paintSulcalVessels(anatomy, place, layers);
  }
  paintBrain(anatomy, place, side, edema, layers);
}

/** The structure with the largest share of a voxel. */
export function mainStructure({ count, structure, share }: Layers, sums: Float64Array): number {
  let best = 0;
  for (let n = 0; n < count; n++) {
    const s = structure[n]!;
    sums[s] = sums[s]! + share[n]!;
    if (sums[s]! > sums[best]!) best = s;
  }
  for (let n = 0; n < count; n++) sums[structure[n]!] = 0;
  return best;
}
