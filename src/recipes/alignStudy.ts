import type { Affine, Grid, Vec3 } from "../core/grid.js";
import type { TaskOptions } from "../core/progress.js";
import type { Study } from "../core/study.js";
import type { Mask, Volume } from "../core/volume.js";
import { resample } from "../geometry/resample.js";
import { resampleLabels } from "../geometry/resampleLabels.js";
import { shiftedGrid } from "../geometry/shiftedGrid.js";
import { atlasMask } from "../registration/atlasMask.js";
import { registerAffine } from "../registration/registerAffine.js";
import { registerRigid } from "../registration/registerRigid.js";

/** Finds the map from the fixed volume's world to the moving one's, as {@link registerRigid} and {@link registerAffine} do. */
export type Register = (fixed: Volume, moving: Volume, options: TaskOptions) => Promise<{ readonly transform: Affine }>;

/** A head whose brain is known. */
export interface Atlas {
  readonly volume: Volume;
  readonly brain: Mask;
}

export interface AlignStudyOptions extends TaskOptions {
  /** How a scan is laid on the pre-contrast one. Default {@link registerRigid}, which needs the optional package `@itk-wasm/elastix`. */
  readonly register?: Register;
  /** Gives the brain where the study has none, by {@link atlasMask}. Default: the study keeps none. */
  readonly atlas?: Atlas;
}

/**
 * Lays all scans of a study on its pre-contrast scan: each is registered and resampled by cubic B-splines, clamped to its own range. Masks stay, since they are drawn on the
 * pre-contrast scan.
 *
 * @returns a study on one grid, for `prepareStudy`
 * @throws what `register` and `atlasMask` throw
 * @see Chen et al. 2025, "Patient population and data preparation" (rigid, elastix); Pinetz et al. 2024, section 3.1 (brain by an atlas, then elastix)
 * @example
 * const prepared = prepareStudy(await alignStudy(await loadStudy("patient-01"), { atlas }));
 */
export async function alignStudy(
  study: Study,
  { register = registerRigid, atlas, ...task }: AlignStudyOptions = {},
): Promise<Study> {
  const { preContrast } = study;
  const onPre = async (moving: Volume) => {
    const { transform } = await register(preContrast, moving, task);
    return moved(moving, preContrast.grid, transform);
  };
  const brain = study.brain ?? (atlas && (await atlasMask(preContrast, atlas.volume, atlas.brain, task)).mask);
  const postContrast = [];
  for (const scan of study.postContrast) postContrast.push({ ...scan, volume: await onPre(scan.volume) });
  const others: Record<string, Volume> = {};
  for (const [name, volume] of Object.entries(study.others)) others[name] = await onPre(volume);
  return { ...study, postContrast, others, ...(brain && { brain }) };
}

export interface AtlasStudyOptions extends TaskOptions {
  /** How the pre-contrast scan is laid on the atlas. Default {@link registerAffine}. */
  readonly register?: Register;
  /** Voxels that are kept about the atlas' middle. Default [160, 192, 160]. */
  readonly shape?: Vec3;
}

/**
 * Brings an aligned study into an atlas' space: the pre-contrast scan is registered to the atlas, all scans and masks are taken onto the middle of its grid, and what is
 * outside of the brain becomes 0.
 *
 * @param study on one grid ({@link alignStudy}); its brain mask, or else the atlas' own, strips the skull
 * @param atlas at the voxel spacing that is wanted, 1 mm for the paper
 * @throws what `register` throws; `empty-mask` if no brain lies in the atlas' middle
 * @see Bône et al. 2022, Invest Radiol 57:527, "Preprocessing"
 * @example
 * const prepared = prepareStudy(await atlasStudy(await alignStudy(study), atlas));
 */
export async function atlasStudy(
  study: Study,
  atlas: Atlas,
  { register = registerAffine, shape = [160, 192, 160], ...task }: AtlasStudyOptions = {},
): Promise<Study> {
  const { transform } = await register(atlas.volume, study.preContrast, task);
  const grid = middleOf(atlas.volume.grid, shape);
  const maskOn = (mask: Mask, map: Affine): Mask => resampleLabels(mask, grid, { transform: map });
  const brain = study.brain ? maskOn(study.brain, transform) : maskOn(atlas.brain, IDENTITY);
  const stripped = (volume: Volume): Volume => {
    const { data } = moved(volume, grid, transform);
    return { grid, data: data.map((v, i) => (brain.data[i] ? v : 0)) };
  };
  return {
    ...study,
    preContrast: stripped(study.preContrast),
    postContrast: study.postContrast.map((scan) => ({ ...scan, volume: stripped(scan.volume) })),
    others: Object.fromEntries(Object.entries(study.others).map(([name, volume]) => [name, stripped(volume)])),
    brain,
    ...(study.lesions && { lesions: maskOn(study.lesions, transform) }),
  };
}

const IDENTITY: Affine = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);

const moved = (volume: Volume, grid: Grid, transform: Affine): Volume =>
  resample(volume, grid, { interpolation: "cubic", clamp: true, transform });

/** A grid of that shape about the same middle. */
function middleOf(grid: Grid, shape: Vec3): Grid {
  const start = grid.shape.map((n, axis) => Math.floor((n - shape[axis]!) / 2)) as unknown as Vec3;
  return shiftedGrid(grid, { start, shape });
}
