import type { Affine, Grid, Vec3 } from "../core/grid.js";
import { voxelCount } from "../core/grid.js";
import type { ContrastScan } from "../core/study.js";
import type { Mask } from "../core/volume.js";
import { createAnatomy } from "./anatomy.js";
import { createHead, type Head } from "./head.js";
import { LESION_KINDS, type Lesion } from "./lesions.js";
import type { IntensityWindow, PhantomLesion, PhantomStudy } from "./phantomStudy.js";
import { placeLesions } from "./placeLesions.js";
import { createRenderer, createTruthArrays, NORMAL_SIGNAL, renderSlice, subdivide, type TruthArrays } from "./render.js";
import { addRicianNoise, drawBiasField, NOISE_STEPS } from "./scan.js";
import { checkedSettings, type PhantomOptions, type Settings } from "./settings.js";
import { createSteps, type Steps } from "./steps.js";

/**
 * Makes a head from a seed: scans before and after contrast agent, and the truth about them.
 *
 * Anatomy is drawn, not copied: smooth random fields fold a cortex and warp implicit surfaces of skull, ventricles, nuclei,
 * cerebellum, vessels, dura, orbits and sinuses. Each voxel is a sum of structures, and each structure follows the signal
 * equation of the sequence with R1 = 1/T1 + r1 · c, where c is its concentration of agent, proportional to the dose:
 *
 *     scan = gain · |bias · Σ share · S(R1) + complex noise| + offset
 *
 * Simplifications: water exchange, flow, T2* of the agent, and the motion of anything but the rigid head are left out;
 * gradient echoes decay with T2.
 *
 * @returns a study whose `postContrast` is sorted by dose, with `brain`, `lesions` (all kinds together) and `truth`;
 * normal white matter has the signal 1000 before the agent, noise, bias and window
 * @throws `out-of-range` for options outside their ranges or lesions that don't fit, `aborted` if cancelled
 * @see Shepp & Logan 1974, IEEE Trans Nucl Sci 21:21, and Collins et al. 1998, IEEE Trans Med Imaging 17:463, for the idea of a
 * head phantom; sources of tissue values are given beside each
 * @example
 * const study = await createPhantom({ seed: 1, shape: [64, 76, 64] });
 * const difference = subtract(study.preContrast, study.postContrast[0].volume);
 */
export async function createPhantom(options: PhantomOptions): Promise<PhantomStudy> {
  const settings = checkedSettings(options);
  const { seed, grid, doses, motion, window } = settings;
  const moved = !isIdentity(motion);
  const steps = createSteps(options, (moved ? 2 : 1) * grid.shape[2] + (doses.length + 1) * NOISE_STEPS);
  await steps.next("anatomy", 0);
  const anatomy = createAnatomy(seed, subdivide(grid).voxelMm);
  const head = createHead(anatomy, placeLesions(anatomy, seed, settings.lesions));
  const bias = drawBiasField(grid, seed, settings.biasField);

  const truth = createTruthArrays(voxelCount(grid));
  // The true signal needs the standard dose in the head as it lay before; so may the scans, if nothing moved.
  const others = moved ? [] : doses.filter((dose) => dose !== 1);
  const [pre, standard, ...still] = await renderScans(head, settings, [0, 1, ...others], bias, IDENTITY, steps, truth);
  const posts = moved
    ? await renderScans(head, settings, doses, bias, inverseRigid(motion), steps)
    : doses.map((dose) => (dose === 1 ? standard! : still[others.indexOf(dose)]!));
  const signal = subtractScans(standard!, pre!);

  const keep = settings.stripped ? truth.brain : undefined;
  keepOnly(signal, keep);
  const preContrast = await finishScan(pre!, 0, window.pre, settings, keep, steps);
  const postContrast: ContrastScan[] = [];
  for (const [n, dose] of doses.entries()) {
    const volume = await finishScan(posts[n]!, dose, window.post, settings, keep, steps);
    postContrast.push({ volume, dose, injection: { agent: settings.agent, doseMmolPerKg: 0.1 * dose } });
  }
  return {
    id: `phantom-${seed}`,
    patient: `phantom-${seed}`,
    preContrast,
    postContrast,
    others: {},
    acquisition: settings.physics.acquisition,
    ...describeTruth(settings, head.lesions, bias, signal, truth),
  };
}

const IDENTITY: Affine = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);

const isIdentity = (matrix: Affine) => matrix.every((v, i) => v === IDENTITY[i]);

/** Inverse of a rotation with a shift: the transposed rotation, and the shift turned back. */
function inverseRigid(m: Affine): Affine {
  const inverse = new Float64Array(16);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) inverse[4 * row + column] = m[4 * column + row]!;
    inverse[4 * row + 3] = -(m[row]! * m[3]! + m[4 + row]! * m[7]! + m[8 + row]! * m[11]!);
  }
  inverse[15] = 1;
  return inverse;
}

/** Noise-free scans of the head, one a dose; `toHead` leads from the scanner's world to where the head lay before it moved. */
async function renderScans(
  head: Head,
  { grid, physics }: Settings,
  doses: readonly number[],
  bias: Float32Array,
  toHead: Affine,
  steps: Steps,
  truth?: TruthArrays,
): Promise<readonly Float32Array[]> {
  const renderer = createRenderer(head, grid, physics, doses, toHead);
  const scans = doses.map(() => new Float32Array(voxelCount(grid)));
  for (let k = 0; k < grid.shape[2]; k++) {
    renderSlice(renderer, k, bias, scans, truth);
    await steps.next(truth ? "scan" : "moved scan");
  }
  return scans;
}

function subtractScans(standard: Float32Array, pre: Float32Array): Float32Array {
  const signal = new Float32Array(pre.length);
  for (let v = 0; v < signal.length; v++) signal[v] = standard[v]! - pre[v]!;
  return signal;
}

function keepOnly(data: Float32Array, mask: Uint8Array | undefined): void {
  if (mask) for (let v = 0; v < data.length; v++) if (!mask[v]) data[v] = 0;
}

/** Adds noise to a scan's array, stretches its intensities, strips it. */
async function finishScan(
  data: Float32Array,
  dose: number,
  { gain, offset }: IntensityWindow,
  { seed, noise, grid }: Settings,
  keep: Uint8Array | undefined,
  steps: Steps,
) {
  await addRicianNoise(data, NORMAL_SIGNAL * noise, seed, dose, steps);
  for (let v = 0; v < data.length; v++) data[v] = gain * data[v]! + offset;
  keepOnly(data, keep);
  return { grid, data };
}

function describeTruth(
  { grid, noise, window, motion }: Settings,
  lesions: readonly Lesion[],
  bias: Float32Array,
  signal: Float32Array,
  truth: TruthArrays,
): Pick<PhantomStudy, "brain" | "lesions" | "truth"> {
  const described = describeLesions(lesions, grid, truth);
  return {
    brain: { grid, data: truth.brain },
    lesions: maskOf(truth.lesionLabels, grid),
    truth: {
      labels: { grid, data: truth.labels },
      lesionLabels: { grid, data: truth.lesionLabels },
      lesions: described,
      signal: { grid, data: signal },
      concentrationMmolPerL: { grid, data: truth.concentration },
      r1PerS: { grid, data: truth.r1PerS },
      protonDensity: { grid, data: truth.protonDensity },
      biasField: { grid, data: bias },
      noiseSigma: NORMAL_SIGNAL * noise,
      intensityWindow: window,
      misregistration: motion,
    },
  };
}

/** The lesions as the study tells them; one that fills no voxel by half gets the voxel in which its middle lies. */
function describeLesions(lesions: readonly Lesion[], grid: Grid, { lesionLabels, brain }: TruthArrays): PhantomLesion[] {
  const voxels = new Uint32Array(256);
  for (let v = 0; v < lesionLabels.length; v++) voxels[lesionLabels[v]!]!++;
  return lesions.map(({ kind, number, centreMm, longAxisMm }) => {
    const middle = voxelAt(grid, centreMm);
    if (voxels[number] === 0 && middle !== undefined && lesionLabels[middle] === 0) {
      lesionLabels[middle] = number;
      brain[middle] = 1;
      voxels[number] = 1;
    }
    return { kind, label: number, centreMm, longAxisMm, voxels: voxels[number]!, enhancing: LESION_KINDS[kind].enhancing };
  });
}

/** The voxel of an unrotated grid in which a point lies; undefined outside. */
function voxelAt({ shape, affine }: Grid, point: Vec3): number | undefined {
  const [i, j, k] = point.map((mm, axis) => Math.round((mm - affine[4 * axis + 3]!) / affine[5 * axis]!)) as [
    number,
    number,
    number,
  ];
  if (i < 0 || j < 0 || k < 0 || i >= shape[0] || j >= shape[1] || k >= shape[2]) return undefined;
  return i + shape[0] * (j + shape[1] * k);
}

function maskOf(labels: Uint8Array, grid: Grid): Mask {
  return { grid, data: labels.map((label) => (label ? 1 : 0)) };
}
