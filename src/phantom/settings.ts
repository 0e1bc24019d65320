import { GadoliniteError } from "../core/errors.js";
import { type Affine, createGrid, type Grid, type Vec3 } from "../core/grid.js";
import type { TaskOptions } from "../core/progress.js";
import type { Acquisition } from "../core/study.js";
import {
  checkFiniteNumber,
  checkNonNegative,
  checkNonNegativeInteger,
  checkOneOf,
  checkPositive,
  checkWithin,
} from "../internal/check.js";
import type { IntensityWindow } from "./phantomStudy.js";
import type { PhantomLesionSpec } from "./placeLesions.js";
import { createPhysics, type Physics } from "./render.js";

/** A rigid motion of the head between the scans. */
export interface Misregistration {
  /** Right-handed rotations about the world's x, then y, then z axis, through the world's origin. Default 0, 0, 0. */
  readonly rotationDeg?: Vec3;
  /** Shift along x, y, z after the rotation. Default 0, 0, 0. */
  readonly shiftMm?: Vec3;
}

export interface PhantomOptions extends TaskOptions {
  /** Integer from 0 to 2^53 − 1: the same seed gives the same study, bit by bit. */
  readonly seed: number;
  /** Voxels along R, A, S. Default 176 × 208 × 176. */
  readonly shape?: Vec3;
  /** Distance of the voxels in mm. Default: isotropic, so that the head just fits (1 mm for the default shape). */
  readonly spacingMm?: Vec3;
  /** Doses of the post-contrast scans as fractions of the standard dose, each above 0 and at most 4. Default [1]. */
  readonly doses?: readonly number[];
  /**
   * Defaults: 3 T, spoiled gradient echo, TR 8 ms, TE 3 ms, 15° (3-D T1-weighted); a spin echo has TR 500 ms, TE 12 ms and 90°.
   * Fields of 1 to 7 T; beyond 1.5 to 3 T relaxation times are extrapolated.
   */
  readonly acquisition?: Acquisition;
  readonly agent?: {
    /** Generic name in lower case. Default `"gadobutrol"`. */
    readonly name?: string;
    /** r1 in L/(mmol·s). Default 4.5: gadobutrol in blood at 3 T (Shen et al. 2015, Invest Radiol 50:330). */
    readonly relaxivity?: number;
    /** Factor on every tissue's concentration, 0 or more. Default 1: blood holds 0.5 mmol/L at the standard dose. */
    readonly uptake?: number;
  };
  /** Standard deviation of the noise in either channel as a fraction of normal white matter's signal. Default 0.015. */
  readonly noise?: number;
  /** Standard deviation of the logarithm of the coil's sensitivity over space, 0 to 1. Default 0.05. */
  readonly biasField?: number;
  /** Scale of the stored intensities. Default: gain 1 and offset 0 before the agent, gain 1.2 and offset 0 after it. */
  readonly intensityWindow?: { readonly pre?: Partial<IntensityWindow>; readonly post?: Partial<IntensityWindow> };
  /** How the head moved before the post-contrast scans. Default: not at all. */
  readonly misregistration?: Misregistration;
  /** Default: one of each kind, and a second metastasis of 1.5 mm. */
  readonly lesions?: readonly PhantomLesionSpec[];
  /** Sets all outside the brain mask to 0 in the scans and in the true signal. Default false. */
  readonly stripped?: boolean;
}

const DEFAULT_LESIONS: readonly PhantomLesionSpec[] = [
  { kind: "ring-enhancing" },
  { kind: "meningioma" },
  { kind: "schwannoma" },
  { kind: "cystic" },
  { kind: "non-enhancing" },
  { kind: "metastasis" },
  { kind: "metastasis", longAxisMm: 1.5 },
];

/** Field of view in mm that the standard head needs. */
const FIELD_OF_VIEW: Vec3 = [176, 208, 176];

/** The options, checked and completed. */
export interface Settings {
  readonly seed: number;
  readonly grid: Grid;
  /** Rising. */
  readonly doses: readonly number[];
  readonly physics: Physics;
  readonly agent: string;
  readonly noise: number;
  readonly biasField: number;
  readonly window: { readonly pre: IntensityWindow; readonly post: IntensityWindow };
  /** World of the pre-contrast scan → world of the post-contrast scans. */
  readonly motion: Affine;
  readonly lesions: readonly PhantomLesionSpec[];
  readonly stripped: boolean;
}

export function checkedSettings({
  seed,
  shape = [176, 208, 176],
  spacingMm,
  doses = [1],
  acquisition = {},
  agent: { name = "gadobutrol", relaxivity = 4.5, uptake = 1 } = {},
  noise = 0.015,
  biasField = 0.05,
  intensityWindow = {},
  misregistration = {},
  lesions = DEFAULT_LESIONS,
  stripped = false,
}: PhantomOptions): Settings {
  checkNonNegativeInteger("seed", seed);
  checkPositive("agent.relaxivity", relaxivity);
  checkNonNegative("agent.uptake", uptake);
  checkNonNegative("noise", noise);
  checkWithin("biasField", biasField, 0, 1);
  const fitting = Math.max(...FIELD_OF_VIEW.map((mm, axis) => mm / shape[axis]!));
  return {
    seed,
    grid: createGrid({ shape, spacingMm: spacingMm ?? [fitting, fitting, fitting] }),
    doses: checkedDoses(doses),
    physics: createPhysics(checkedAcquisition(acquisition), relaxivity, uptake),
    agent: name,
    noise,
    biasField,
    window: { pre: checkedWindow("pre", 1, intensityWindow.pre), post: checkedWindow("post", 1.2, intensityWindow.post) },
    motion: rigidMotion(misregistration),
    lesions,
    stripped,
  };
}

function checkedDoses(doses: readonly number[]): readonly number[] {
  if (doses.length === 0) throw new GadoliniteError("out-of-range", "doses needs one dose or more, but is empty.");
  for (const dose of doses) {
    checkPositive("doses", dose);
    checkWithin("doses", dose, 0, 4);
  }
  const rising = [...doses].sort((a, b) => a - b);
  if (new Set(rising).size < rising.length)
    throw new GadoliniteError("out-of-range", `doses must differ from each other, but are ${doses.join(", ")}.`);
  return rising;
}

function checkedAcquisition({
  fieldStrengthT = 3,
  sequence = "spoiled-gradient-echo",
  ...times
}: Acquisition): Required<Acquisition> {
  checkOneOf("acquisition.sequence", sequence, ["spoiled-gradient-echo", "spin-echo"]);
  const spinEcho = sequence === "spin-echo";
  const { repetitionTimeMs = spinEcho ? 500 : 8, echoTimeMs = spinEcho ? 12 : 3, flipAngleDeg = spinEcho ? 90 : 15 } = times;
  checkWithin("acquisition.fieldStrengthT", fieldStrengthT, 1, 7);
  checkPositive("acquisition.repetitionTimeMs", repetitionTimeMs);
  checkNonNegative("acquisition.echoTimeMs", echoTimeMs);
  checkPositive("acquisition.flipAngleDeg", flipAngleDeg);
  checkWithin("acquisition.flipAngleDeg", flipAngleDeg, 0, 180);
  return { fieldStrengthT, sequence, repetitionTimeMs, echoTimeMs, flipAngleDeg };
}

function checkedWindow(
  name: string,
  usualGain: number,
  { gain = usualGain, offset = 0 }: Partial<IntensityWindow> = {},
): IntensityWindow {
  checkPositive(`intensityWindow.${name}.gain`, gain);
  checkFiniteNumber(`intensityWindow.${name}.offset`, offset);
  return { gain, offset };
}

/** The matrix Rz · Ry · Rx with the shift behind it. */
function rigidMotion({ rotationDeg = [0, 0, 0], shiftMm = [0, 0, 0] }: Misregistration): Affine {
  for (const v of rotationDeg) checkFiniteNumber("misregistration.rotationDeg", v);
  for (const v of shiftMm) checkFiniteNumber("misregistration.shiftMm", v);
  const [a, b, c] = rotationDeg.map((degrees) => (degrees * Math.PI) / 180) as [number, number, number];
  const [sa, sb, sc, ca, cb, cc] = [Math.sin(a), Math.sin(b), Math.sin(c), Math.cos(a), Math.cos(b), Math.cos(c)];
  return Float64Array.of(
    ...[cc * cb, cc * sb * sa - sc * ca, cc * sb * ca + sc * sa, shiftMm[0]],
    ...[sc * cb, sc * sb * sa + cc * ca, sc * sb * ca - cc * sa, shiftMm[1]],
    ...[-sb, cb * sa, cb * ca, shiftMm[2]],
    ...[0, 0, 0, 1],
  );
}
