import { GadoliniteError } from "../core/errors.js";
import type { Vec3 } from "../core/grid.js";
import { checkFiniteNumber, checkOneOf, checkWithin } from "../internal/check.js";
import { createRandom, type Random } from "../internal/random.js";
import { type Anatomy, supratentorial, toScanner } from "./anatomy.js";
import { createHead, type Head, mainStructure, paintHead } from "./head.js";
import { createLayers, type Layers } from "./layers.js";
import { createLesion, LESION_KINDS, type Lesion, type LesionKind, normalized, randomDirection } from "./lesions.js";
import { AUDITORY_CANAL } from "./skull.js";
import { phantomLabels as label, STRUCTURES } from "./structures.js";
import { hullRadius } from "./sulcalMap.js";

/** A lesion to put into a phantom. */
export interface PhantomLesionSpec {
  readonly kind: LesionKind;
  /**
   * Longest diameter in mm. Defaults: ring-enhancing 28, meningioma 24, metastasis 3, schwannoma 8, cystic 20,
   * non-enhancing 22.
   */
  readonly longAxisMm?: number;
  /** Middle, world mm of the pre-contrast scan. Default: a fitting place drawn from the seed. */
  readonly centreMm?: Vec3;
}

/** Larger cysts lie in the hemispheres. */
const LARGEST_CEREBELLAR_CYST_MM = 22;

/** Draws each lesion's shape and, where it isn't given, its place. */
export function placeLesions(anatomy: Anatomy, seed: number, specs: readonly PhantomLesionSpec[]): readonly Lesion[] {
  const lesions: Lesion[] = [];
  // A sharp look at the anatomy, however coarse the scan will be.
  const probe: Probe = {
    head: createHead({ ...anatomy, voxelMm: 1 }, []),
    layers: createLayers(),
    sums: new Float64Array(STRUCTURES.length),
  };
  if (specs.length > 255) throw new GadoliniteError("out-of-range", `A phantom takes at most 255 lesions, not ${specs.length}.`);
  specs.forEach((spec, index) => {
    const { kind, centreMm } = spec;
    checkOneOf("lesions[].kind", kind, Object.keys(LESION_KINDS) as LesionKind[]);
    const { sizeMm, rangeMm } = LESION_KINDS[kind];
    const longAxisMm = spec.longAxisMm ?? sizeMm;
    checkWithin(`longAxisMm of a ${kind} lesion`, longAxisMm, rangeMm[0], rangeMm[1]);
    for (const v of centreMm ?? []) checkFiniteNumber("centreMm", v);
    // A stream each: one more lesion leaves the others as they were.
    const random = createRandom(seed, 100 + index);
    for (let tries = 0; tries < 400; tries++) {
      const spot = centreMm ? { centre: centreMm } : proposeSpot(probe, random, kind, longAxisMm);
      if (!centreMm && !(isApart(spot.centre, longAxisMm, lesions) && isPlace(kind, longAxisMm)(probe, spot.centre))) continue;
      const lesion = createLesion(random, kind, index + 1, longAxisMm, spot.centre, spot);
      if (!centreMm && !fits(probe, lesion)) continue;
      lesions.push(lesion);
      return;
    }
    throw new GadoliniteError(
      "out-of-range",
      `There is no room for a ${kind} lesion of ${longAxisMm} mm beside the others. Ask for fewer or smaller ones, or give its centreMm.`,
    );
  });
  return lesions;
}

/** A healthy head that can be asked what lies at a point. */
interface Probe {
  readonly head: Head;
  readonly layers: Layers;
  readonly sums: Float64Array;
}

interface Spot {
  readonly centre: Vec3;
  readonly outward?: Vec3;
  readonly along?: Vec3;
}

/** Draws a place where a lesion of its kind may lie. */
function proposeSpot(probe: Probe, random: Random, kind: LesionKind, size: number): Spot {
  const { anatomy } = probe.head;
  const side = random.uniform() < 0.5 ? -1 : 1;
  if (kind === "schwannoma") return inAuditoryCanal(anatomy, side, size);
  if (kind === "meningioma") {
    const outward = normalized([random.normal(), random.normal(), random.uniform(-0.1, 1.6)]);
    return { centre: onDura(probe, outward, 0.15 * size), outward };
  }
  if (kind === "cystic" && size <= LARGEST_CEREBELLAR_CYST_MM)
    return { centre: toScanner(anatomy, [side * random.uniform(17, 26), random.uniform(-60, -46), random.uniform(-42, -30)]) };
  const u = randomDirection(random);
  const reach = hullRadius(u[0], u[1], u[2]) * (kind === "metastasis" ? random.uniform(0.6, 0.97) : random.uniform(0.3, 0.8));
  return { centre: toScanner(anatomy, [side * (28 + reach * u[0]), -5 + reach * u[1], 13 + reach * u[2]]) };
}

/** Small schwannomas lie in the canal, larger ones grow out of it into the angle between pons and cerebellum. */
function inAuditoryCanal(anatomy: Anatomy, side: number, size: number): Spot {
  const at = ([x, y, z]: Vec3): Vec3 => toScanner(anatomy, [side * x, y, z]);
  const [from, to] = [at(AUDITORY_CANAL.opening), at(AUDITORY_CANAL.end)];
  const along = normalized([to[0] - from[0], to[1] - from[1], to[2] - from[2]]);
  const back = Math.max(6, size / 2 - 0.5);
  return { centre: [to[0] - back * along[0], to[1] - back * along[1], to[2] - back * along[2]], along };
}

/** The point in the given direction that lies `depthMm` below the skull. */
function onDura({ head, layers }: Probe, direction: Vec3, depthMm: number): Vec3 {
  let [near, far] = [20, 110];
  for (let step = 0; step < 20; step++) {
    const t = (near + far) / 2;
    paintHead(head, direction[0] * t, direction[1] * t, 10 + direction[2] * t, layers);
    if (head.place.inner > depthMm) near = t;
    else far = t;
  }
  return [direction[0] * near, direction[1] * near, 10 + direction[2] * near];
}

const distance = (a: Vec3, b: Vec3) => Math.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2);

const isApart = (centre: Vec3, size: number, others: readonly Lesion[]) =>
  others.every((o) => distance(o.centreMm, centre) > (o.longAxisMm + size) / 2 + 5);

type Test = (probe: Probe, at: Vec3) => boolean;

/** Whether a point may belong to a lesion of the kind. */
function isPlace(kind: LesionKind, size: number): Test {
  if (kind === "schwannoma" || kind === "meningioma") return () => true;
  if (kind === "metastasis" && size < 5) return isCortexOrWhite;
  return kind === "cystic" && size <= LARGEST_CEREBELLAR_CYST_MM ? isCerebellar : isHemispheric;
}

/** Whether the ends of all three axes lie where the kind may grow. */
function fits(probe: Probe, { kind, centreMm, longAxisMm, halfMm, frame }: Lesion): boolean {
  const test = isPlace(kind, longAxisMm);
  const at = (axis: Vec3, mm: number): Vec3 => [
    centreMm[0] + mm * axis[0],
    centreMm[1] + mm * axis[1],
    centreMm[2] + mm * axis[2],
  ];
  return frame.every((axis, n) => test(probe, at(axis, 0.85 * halfMm[n]!)) && test(probe, at(axis, -0.85 * halfMm[n]!)));
}

function structureAt({ head, layers, sums }: Probe, at: Vec3): number {
  paintHead(head, at[0], at[1], at[2], layers);
  return mainStructure(layers, sums);
}

function isCortexOrWhite(probe: Probe, at: Vec3): boolean {
  const s = structureAt(probe, at);
  return s === label["grey matter"] || s === label["white matter"];
}

/** As above, but a sulcus doesn't count: a large lesion pushes it away. */
function isHemispheric(probe: Probe, at: Vec3): boolean {
  if (isCortexOrWhite(probe, at)) return true;
  const { layers, sums, head } = probe;
  const s = mainStructure(layers, sums);
  const { ax, y, z, wrapped } = head.place;
  return (s === label.csf || s === label.blood) && supratentorial(ax, y, z) > 2 && wrapped > 0.5 && wrapped < 16;
}

function isCerebellar(probe: Probe, at: Vec3): boolean {
  const s = structureAt(probe, at);
  const { ax, y, z, inner } = probe.head.place;
  return (
    s === label["cerebellar grey matter"] ||
    s === label["cerebellar white matter"] ||
    (s === label.csf && inner > 3 && supratentorial(ax, y, z) < -3 && ax > 9)
  );
}
