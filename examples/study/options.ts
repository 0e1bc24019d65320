import { parseArgs } from "node:util";
import { GadoliniteError } from "gadolinite";

export const USAGE = `npm run study -- --recipe NAME [options]   repeats a paper's study: trains, measures, and says which of its claims hold

The same command again goes on where it was left: trainings have checkpoints, each case's rows are a file.

  --recipe NAME      pinetz2024, chen2025 or bone2022
  --cohort DIR       folders of patients, each with t1.nii.gz, t1ce.nii.gz and, if there is one, seg.nii.gz (see loadStudy); default: phantoms
  --labels 3,4       labels of the segmentations that count as lesion (default: all but 0)
  --patients 24      phantoms to make; a third of the patients is kept for the test
  --shape 64         voxels of a phantom from ear to ear
  --effort 1         factor of the steps of all trainings; 1 is an hour on two quiet cores
  --seed 1           seed of phantoms, split, weights and samples
  --threads N        threads of the runtime (default: all cores)
  --out DIR          default: study-out
  --debug            show the stack of an error
  --help             this text`;

export const RECIPES = ["pinetz2024", "chen2025", "bone2022"] as const;
export type RecipeName = (typeof RECIPES)[number];

/** What the result depends on. */
export interface StudySettings {
  readonly recipe: RecipeName;
  readonly cohort?: string;
  readonly labels?: readonly number[];
  readonly patients: number;
  readonly shape: number;
  readonly effort: number;
  readonly seed: number;
}

export interface StudyOptions {
  readonly settings: StudySettings;
  readonly out: string;
  readonly threads?: number;
}

/** Reads the command line. Throws `out-of-range`, saying what is wrong, for anything that it does not understand. */
export function parseOptions(args: readonly string[]): StudyOptions {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const names = ["recipe", "cohort", "labels", "patients", "shape", "effort", "seed", "threads", "out"];
  const options = { ...Object.fromEntries(names.map((name) => [name, text])), debug: flag, help: flag };
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    ({ values } = parseArgs({ args: [...args], options }) as { values: Record<string, string | boolean | undefined> });
  } catch (error) {
    throw new GadoliniteError("out-of-range", `${(error as Error).message} See --help.`, { cause: error });
  }
  const given = (name: string) => values[name] as string | undefined;
  const number = (name: string, otherwise: number) => {
    const value = given(name) === undefined ? otherwise : Number(given(name) || Number.NaN);
    if (!(value > 0 && value < Infinity))
      throw new GadoliniteError("out-of-range", `--${name} takes a positive number, not "${given(name)}".`);
    return value;
  };
  const recipe = RECIPES.find((name) => name === given("recipe"));
  if (!recipe) throw new GadoliniteError("out-of-range", `--recipe takes ${RECIPES.join(", ")}, not "${given("recipe") ?? ""}".`);
  const labels = given("labels")?.split(",").map(Number);
  if (labels && !labels.every(Number.isInteger))
    throw new GadoliniteError("out-of-range", `--labels takes integers separated by commas, not "${given("labels")}".`);
  return {
    settings: {
      recipe,
      ...(given("cohort") !== undefined && { cohort: given("cohort")! }),
      ...(labels && { labels }),
      patients: number("patients", 24),
      shape: number("shape", 64),
      effort: number("effort", 1),
      seed: number("seed", 1),
    },
    out: given("out") ?? "study-out",
    ...(given("threads") !== undefined && { threads: number("threads", 1) }),
  };
}
