import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { GadoliniteError, labelMask, type Study } from "gadolinite";
import { relaxivity } from "gadolinite/dose";
import { loadStudy } from "gadolinite/node";
import { phantomCohort } from "gadolinite/phantom";
import { type PreparedStudy, prepareStudy } from "gadolinite/recipes";
import { splitFolds } from "gadolinite/training";
import type { StudySettings } from "./options.js";
import type { StudyPlan } from "./plan.js";

export interface Cohort {
  readonly train: readonly PreparedStudy[];
  readonly test: readonly PreparedStudy[];
}

export interface CohortOptions extends Pick<StudyPlan<unknown>, "calibration" | "doses" | "lesions"> {
  readonly signal: AbortSignal;
}

/** The studies of all patients, prepared; a third of the patients for the test. */
export async function loadCohort(settings: StudySettings, { calibration, ...options }: CohortOptions): Promise<Cohort> {
  const studies: PreparedStudy[] = [];
  for await (const study of settings.cohort === undefined ? phantoms(settings, options) : folders(settings, options)) {
    const { remarks: _, ...prepared } = prepareStudy(study, { calibration });
    studies.push({ ...prepared, remarks: [] });
  }
  const patients = studies.map(({ patient }) => patient);
  const [{ train, test }] = splitFolds(patients, { folds: 3, seed: settings.seed }) as [ReturnType<typeof splitFolds>[number]];
  return { train: train.map((n) => studies[n]!), test: test.map((n) => studies[n]!) };
}

const AGENTS = ["gadobutrol", "gadoterate", "gadoteridol"];

/** Phantoms at 1.5 and 3 T with three agents in turn; lesions are those that enhance. */
async function* phantoms(
  { patients, shape, seed }: StudySettings,
  { doses, lesions, signal }: Omit<CohortOptions, "calibration">,
): AsyncGenerator<Study> {
  const size = [shape, 2 * Math.round((1.18 * shape) / 2), shape] as const;
  for (let patient = 0; patient < patients; patient++) {
    const fieldStrengthT = patient % 2 === 0 ? 3 : 1.5;
    const name = AGENTS[patient % AGENTS.length]!;
    const agent = { name, relaxivity: relaxivity(name, fieldStrengthT).r1LPerMmolS };
    const made = phantomCohort({
      ...{ seed, patients: 1, skip: patient, shape: size, doses: [...doses, 1], acquisition: { fieldStrengthT }, agent, signal },
      ...(lesions && { lesions: lesions(patient) }),
    });
    for await (const { truth, ...study } of made) {
      const enhancing = truth.lesions.filter((lesion) => lesion.enhancing && lesion.voxels > 0).map(({ label }) => label);
      const { lesions: _, ...rest } = study;
      yield enhancing.length > 0 ? { ...rest, lesions: labelMask(truth.lesionLabels, enhancing) } : rest;
    }
  }
}

async function* folders({ cohort, labels }: StudySettings, { signal }: Pick<CohortOptions, "signal">): AsyncGenerator<Study> {
  const entries = await readdir(cohort!, { withFileTypes: true }).catch((error: Error) => {
    throw new GadoliniteError("bad-file", `The cohort's folder can't be read: ${error.message}.`, { cause: error });
  });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  if (names.length < 3)
    throw new GadoliniteError(
      "out-of-range",
      `${cohort} holds ${names.length} folders of patients; a study needs three or more.`,
    );
  for (const name of names) {
    const { lesions, ...study } = await loadStudy(join(cohort!, name), { ...(labels && { lesionLabels: labels }), signal });
    yield lesions?.data.includes(1) ? { ...study, lesions } : study;
  }
}
