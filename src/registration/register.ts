import { boundingBox } from "../core/boundingBox.js";
import { GadoliniteError } from "../core/errors.js";
import { type Affine, type Grid, voxelCount } from "../core/grid.js";
import type { TaskOptions } from "../core/progress.js";
import { createMask, type Mask, type Volume } from "../core/volume.js";
import { composeAffine, invertAffine } from "../geometry/affine.js";
import { crop } from "../geometry/crop.js";
import { voxelToWorld } from "../geometry/voxelToWorld.js";
import { checkFiniteVoxels, checkMask, checkNonNegative, checkNotAborted, checkOneOf } from "../internal/check.js";
import { runElastix } from "./elastix.js";
import { affineOfElastix, toItkImage } from "./itkImage.js";
import { mutualInformation } from "./mutualInformation.js";
import { type ParameterMap, PRESETS, parameterMap, type RegistrationPreset, type RegistrationStage } from "./parameterMaps.js";

export interface RegisterOptions extends TaskOptions {
  /**
   * Whose numbers of resolutions, iterations and samples to take: Chen's (elastix's own: 4 × 256 iterations of 2048 samples), Bône's
   * (4 × 500 of 4096) or Pinetz' (rigid 4 × 1000, affine 3 × 500, of 4096). Default `"pinetz2024"`, the most exact; `"chen2025"` takes a
   * fifth of the time.
   */
  readonly preset?: RegistrationPreset;
  /** Settings of elastix that replace those of the preset, e.g. `{ RandomSeed: ["7"] }`. Default none. */
  readonly parameters?: ParameterMap;
  /**
   * Where to begin: row-major 4×4, world (mm, RAS+) of `fixed` → world of `moving`. Default: where the scanner put both, or their
   * grids' middles or centres of gravity on each other, whichever has the most mutual information.
   */
  readonly initial?: Affine;
  /** The part of the fixed volume that counts: the rest is cut off or set to 0. Leave a margin (`dilate`) of some mm. Default: all. */
  readonly fixedMask?: Mask;
  /** The same of the moving volume, on its grid. Default: all. */
  readonly movingMask?: Mask;
  /**
   * Mutual information in nats below which a warning is given. Default 0.3: pairs of T1 scans that are aligned have 0.5 to 0.9, those 40 mm or 90°
   * apart 0.1 to 0.25. A few millimetres or degrees don't show in it: look at the result.
   */
  readonly warnBelow?: number;
  /**
   * For browsers, which can't work without: the folder from which elastix's files are served, with `elastix.js` and `elastix.wasm.zst`
   * (from `@itk-wasm/elastix/dist/pipelines`) and `itk-wasm-pipeline.min.worker.js` (from
   * `itk-wasm/dist/pipeline/web-workers/bundles`), on the page's own origin. Elsewhere they are found by themselves.
   */
  readonly assetsUrl?: string | URL;
}

/** How two scans line up. */
export interface Registration {
  /** Row-major 4×4, world (mm, RAS+) of `fixed` → world of `moving`: what `resample(moving, fixed.grid, { transform })` takes. */
  readonly transform: Affine;
  /** Of the volumes as they lie (`before`) and as they were matched (`after`), in nats, inside `fixedMask`; see `mutualInformation`. */
  readonly mutualInformation: { readonly before: number; readonly after: number };
  /** What looks doubtful, in sentences; empty if nothing does. */
  readonly warnings: readonly string[];
}

/** Matches the moving volume to the fixed one in stages, each from where the last one ended. */
export async function register(
  fixed: Volume,
  moving: Volume,
  stages: readonly RegistrationStage[],
  options: RegisterOptions,
): Promise<Registration> {
  const {
    preset = "pinetz2024",
    parameters = {},
    fixedMask,
    movingMask,
    warnBelow = 0.3,
    assetsUrl,
    signal,
    onProgress,
  } = options;
  checkNotAborted(signal);
  checkOneOf("preset", preset, PRESETS);
  checkNonNegative("warnBelow", warnBelow);
  const [a, b] = [masked("fixed", fixed, fixedMask), masked("moving", moving, movingMask)];
  const information = (transform: Affine) =>
    mutualInformation(fixed, moving, { transform, ...(fixedMask && { mask: fixedMask }) });
  const before = information(IDENTITY);
  let transform = options.initial ?? bestStart(a, b);
  for (const [n, stage] of stages.entries()) {
    onProgress?.({ done: n, total: stages.length, stage: `${stage} registration` });
    const map = { ...parameterMap(preset, stage, a.grid, b.grid), ...parameters };
    // Elastix gets the moving volume where the last stage put it.
    const images = { fixed: toItkImage(a), moving: toItkImage(b, composeAffine(invertAffine(transform), b.grid.affine)) };
    const found = affineOfElastix(await runElastix({ maps: [map], images }, assetsUrl, signal));
    transform = composeAffine(transform, found);
  }
  const after = information(transform);
  checkPlausible(transform, before, after);
  onProgress?.({ done: stages.length, total: stages.length, stage: "registered" });
  return { transform, mutualInformation: { before, after }, warnings: warningsOf(after, warnBelow) };
}

const IDENTITY: Affine = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);

// Kept around what counts, so that interpolation and smoothing have something to work on.
const MARGIN_VOXELS = 4;

/** The box around the mask, or around all voxels that are not 0, and 0 outside the mask: elastix's WebAssembly takes no masks. */
function masked(name: string, volume: Volume, mask: Mask | undefined): Volume {
  checkFiniteVoxels(`The ${name} volume`, volume.data);
  if (mask) checkMask(`The mask of the ${name} volume`, mask, volume.grid);
  const inside = mask ? { grid: volume.grid, data: volume.data.map((v, i) => (mask.data[i] ? v : 0)) } : volume;
  const first = inside.data[0]!;
  if (inside.data.every((v) => v === first))
    throw new GadoliniteError(
      "out-of-range",
      `The ${name} volume is constant (every voxel is ${first}): nothing in it can be matched.`,
    );
  return crop(inside, boundingBox(mask ?? createMask(volume.data, volume.grid), { marginVoxels: MARGIN_VOXELS }));
}

function bestStart(fixed: Volume, moving: Volume): Affine {
  const starts = [
    IDENTITY,
    translation(middle(fixed.grid), middle(moving.grid)),
    translation(centreOfGravity(fixed), centreOfGravity(moving)),
  ];
  const information = starts.map((transform) => mutualInformation(fixed, moving, { transform }) || 0);
  return starts[information.indexOf(Math.max(...information))]!;
}

type Point = readonly [number, number, number];

const translation = (from: Point, to: Point): Affine =>
  IDENTITY.map((v, at) => (at % 4 === 3 && at < 12 ? to[(at - 3) / 4]! - from[(at - 3) / 4]! : v));

const middle = (grid: Grid): Point =>
  voxelToWorld(grid, [(grid.shape[0] - 1) / 2, (grid.shape[1] - 1) / 2, (grid.shape[2] - 1) / 2]);

/** Of the positive voxels; the middle of the grid if there are none. */
function centreOfGravity({ grid, data }: Volume): Point {
  const [ni, nj] = grid.shape;
  const sum = [0, 0, 0];
  let mass = 0;
  for (let v = 0, n = voxelCount(grid); v < n; v++) {
    const value = Math.max(0, data[v]!);
    mass += value;
    sum[0]! += value * (v % ni);
    sum[1]! += value * (Math.floor(v / ni) % nj);
    sum[2]! += value * Math.floor(v / (ni * nj));
  }
  return mass > 0 ? voxelToWorld(grid, [sum[0]! / mass, sum[1]! / mass, sum[2]! / mass]) : middle(grid);
}

/** Throws `not-converged` if the volumes no longer meet, were squeezed or blown up, or match worse than they did. */
function checkPlausible(m: Affine, before: number, after: number): void {
  const size =
    m[0]! * (m[5]! * m[10]! - m[6]! * m[9]!) - m[1]! * (m[4]! * m[10]! - m[6]! * m[8]!) + m[2]! * (m[4]! * m[9]! - m[5]! * m[8]!);
  // Volumes of heads differ by a factor of 2 at most; aligned ones lose a little by interpolation.
  const reason = Number.isNaN(after)
    ? "the volumes don't meet after it"
    : size < 0.4 || size > 2.5
      ? `it changes volumes by a factor of ${size.toPrecision(3)}`
      : after < 0.8 * before && `the mutual information fell from ${before.toFixed(3)} to ${after.toFixed(3)}`;
  if (reason)
    throw new GadoliniteError(
      "not-converged",
      `The registration found no match: ${reason}. Do both volumes show the same part of the body? Give masks, or a place to begin (initial).`,
    );
}

const warningsOf = (after: number, limit: number): readonly string[] =>
  after < limit
    ? [
        `The mutual information after registration is ${after.toFixed(3)}, less than ${limit}: look at the result before you trust it.`,
      ]
    : [];
