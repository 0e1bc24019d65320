import { createMask, type Mask, type Study, sameGrid, type TaskOptions, type Volume } from "gadolinite";
import { resample, resampleLabels } from "gadolinite/geometry";
import { atlasMask, type Registration, registerRigid } from "gadolinite/registration";

export interface Aligned {
  readonly study: Study;
  /** What was found, by name. */
  readonly registrations: Readonly<Record<string, Registration>>;
  /** In sentences. */
  readonly remarks: readonly string[];
}

/** Lays the post-contrast scan, and the masks that were drawn on its grid, on the pre-contrast scan. */
export async function registerStudy(study: Study, task: TaskOptions): Promise<Aligned> {
  const { preContrast: pre, brain, lesions } = study;
  const post = study.postContrast[0]!;
  const found = await registerRigid(pre, post.volume, task);
  const { transform } = found;
  const volume = resample(post.volume, pre.grid, { interpolation: "cubic", clamp: true, transform });
  const moved = (mask: Mask) => (sameGrid(mask.grid, post.volume.grid) ? resampleLabels(mask, pre.grid, { transform }) : mask);
  return {
    study: {
      ...study,
      postContrast: [{ ...post, volume }],
      ...(brain && { brain: moved(brain) }),
      ...(lesions && { lesions: moved(lesions) }),
    },
    registrations: { postContrast: found },
    remarks: [`The post-contrast scan was registered to the pre-contrast scan: ${described(found)}`, ...found.warnings],
  };
}

/** Gives the study the brain of an atlas, laid on its pre-contrast scan. */
export async function brainFromAtlas(study: Study, atlas: Volume, mask: Volume, task: TaskOptions): Promise<Aligned> {
  const found = await atlasMask(study.preContrast, atlas, createMask(mask.data, mask.grid), task);
  const { registration } = found;
  return {
    study: { ...study, brain: found.mask },
    registrations: { atlas: registration },
    remarks: [
      `The brain is that of the atlas, laid on the pre-contrast scan: ${described(registration)}`,
      ...registration.warnings,
    ],
  };
}

const described = ({ mutualInformation: { before, after } }: Registration) =>
  `mutual information ${before.toFixed(3)} before, ${after.toFixed(3)} after.`;
