import { GadoliniteError } from "../../core/errors.js";
import { checkPositiveInteger } from "../../internal/check.js";
import { createRandom } from "../../internal/random.js";

export interface SplitFoldsOptions {
  /** 2 or more, and no more than there are patients. Default 5. */
  readonly folds?: number;
  /** Integer from 0 to 2⁵³ − 1. */
  readonly seed: number;
}

/** Positions in the list that was split. */
export interface Fold {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/**
 * Splits examinations into folds for cross-validation so that all of one patient are on one side.
 *
 * Patients are put in order, shuffled by the seed and dealt out: folds differ by one patient at most, and the order of the list does not matter.
 *
 * @param patients the patient of each examination
 * @returns one entry a fold; each examination is in `test` exactly once
 * @throws `out-of-range` if there are fewer patients than folds, for fewer than 2 folds or a bad seed
 * @example
 * const [first] = splitFolds(studies.map(({ patient }) => patient), { seed: 1 });
 */
export function splitFolds(patients: readonly string[], { folds = 5, seed }: SplitFoldsOptions): readonly Fold[] {
  checkPositiveInteger("folds - 1", folds - 1);
  const names = [...new Set(patients)].sort();
  if (names.length < folds)
    throw new GadoliniteError("out-of-range", `${folds} folds need as many patients, but there are ${names.length}.`);
  const random = createRandom(seed);
  for (let n = names.length - 1; n > 0; n--) {
    const other = random.integer(n + 1);
    [names[n], names[other]] = [names[other]!, names[n]!];
  }
  const foldOf = new Map(names.map((name, n) => [name, n % folds]));
  const all = patients.map((_, position) => position);
  return Array.from({ length: folds }, (_, fold) => ({
    train: all.filter((position) => foldOf.get(patients[position]!) !== fold),
    test: all.filter((position) => foldOf.get(patients[position]!) === fold),
  }));
}
