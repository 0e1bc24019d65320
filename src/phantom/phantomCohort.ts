import { checkFiniteNumber, checkNonNegativeInteger, checkPositiveInteger } from "../internal/check.js";
import { createRandom, type Random } from "../internal/random.js";
import { createPhantom } from "./createPhantom.js";
import { LESION_KINDS, type LesionKind } from "./lesions.js";
import type { PhantomStudy } from "./phantomStudy.js";
import type { PhantomLesionSpec } from "./placeLesions.js";
import type { PhantomOptions } from "./settings.js";

export interface PhantomCohortOptions extends PhantomOptions {
  /** Number of patients, 1 or more. */
  readonly patients: number;
  /** Patients passed over before the first, so that a cohort can be made in parts. Default 0. */
  readonly skip?: number;
}

/**
 * Makes a study of each of many patients, one after another and only when asked for. Anatomy, lesions (one to six, of any kind and
 * size), noise (0.01 to 0.03), bias field (0.03 to 0.12) and the post-contrast gain (0.7 to 1.5) differ from patient to
 * patient; an option that is given holds for all of them. Patient n of a seed is the same in a cohort of any length.
 *
 * @throws `out-of-range` for options outside their ranges, `aborted` if cancelled
 * @example
 * for await (const study of phantomCohort({ seed: 1, patients: 20, shape: [48, 56, 48] })) train(study);
 */
export async function* phantomCohort({ patients, skip = 0, ...options }: PhantomCohortOptions): AsyncGenerator<PhantomStudy> {
  checkPositiveInteger("patients", patients);
  checkNonNegativeInteger("skip", skip);
  checkFiniteNumber("seed", options.seed);
  for (let patient = skip; patient < skip + patients; patient++) {
    const random = createRandom(options.seed, COHORT_STREAM + patient);
    const study = await createPhantom({
      noise: random.uniform(0.01, 0.03),
      biasField: random.uniform(0.03, 0.12),
      intensityWindow: { post: { gain: random.uniform(0.7, 1.5) } },
      lesions: drawLesions(random),
      ...options,
      // A seed of its own: 2^26 · 2^26 keeps it a safe integer.
      seed: random.integer(2 ** 26) * 2 ** 26 + random.integer(2 ** 26),
    });
    const name = `phantom-${options.seed}-${patient}`;
    yield { ...study, id: name, patient: name };
  }
}

const COHORT_STREAM = 10_000;

/** One larger lesion, often with others; every size within its kind's range, small ones more often. */
function drawLesions(random: Random): readonly PhantomLesionSpec[] {
  const kinds = Object.keys(LESION_KINDS) as LesionKind[];
  return Array.from({ length: 1 + random.integer(6) }, (_, n) => {
    const kind = n === 0 || random.uniform() < 0.4 ? kinds[random.integer(kinds.length)]! : "metastasis";
    const { sizeMm } = LESION_KINDS[kind];
    return { kind, longAxisMm: sizeMm * Math.exp(random.uniform(Math.log(0.6), Math.log(kind === "metastasis" ? 3 : 1.2))) };
  });
}
