import { access } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Study } from "gadolinite";
import {
  denoisedExtrapolation,
  doNothing,
  linearExtrapolation,
  maskedExtrapolation,
  type Restorer,
  smoothedExtrapolation,
} from "gadolinite/inference";
import { falseSignal } from "gadolinite/metrics";
import { type DoseRow, doseStudy, prepareStudy } from "gadolinite/recipes";
import type { FileRecord } from "gadolinite/report";
import { loadInputs } from "../demo/inputs.js";
import { loadNetworks } from "../support/models.js";

/** A row of the demo's table, and the false signal of the whole brain. */
export interface EvaluationRow extends DoseRow {
  /** Only in the region `brain`. */
  readonly falseShare: number;
  readonly falseLargest: number;
}

export const COLUMNS =
  "case dose noise seed restorer region psnr ssim mae maeCe relativeMean relativeMax cnr lbr cep falseShare falseLargest seconds".split(
    " ",
  );

export interface EvaluateCaseOptions {
  readonly doses: readonly number[];
  readonly seeds: readonly number[];
  readonly labels?: readonly number[];
  readonly models: readonly string[];
  readonly signal: AbortSignal;
}

/** Every restorer that needs no network: what a network must beat. */
export const rivals = (): readonly Restorer[] => [
  doNothing(),
  linearExtrapolation(),
  maskedExtrapolation(),
  ...[0.5, 1, 1.5].map((sigmaVoxels) => smoothedExtrapolation({ sigmaVoxels })),
  denoisedExtrapolation(),
];

export async function evaluateCase(
  folder: string,
  { doses, seeds, labels, models, signal }: EvaluateCaseOptions,
  say: (line: string) => void,
): Promise<{ readonly rows: readonly EvaluationRow[]; readonly files: readonly FileRecord[] }> {
  const { study: raw, files } = await loadCase(folder, labels, signal);
  const study = prepareStudy(raw);
  const restorers = [...rivals(), ...(await loadNetworks(models, { signal }))];
  const rows: EvaluationRow[] = [];
  for (const seed of seeds)
    for await (const { dose, restored, rows: more } of doseStudy(study, { doses, seed, restorers, signal })) {
      for (const row of more) {
        const { share, largest } =
          row.region === "brain"
            ? falseSignal(study.pre, study.post, restored[row.restorer]!, { brain: study.brain })
            : { share: Number.NaN, largest: Number.NaN };
        rows.push({ ...row, falseShare: share, falseLargest: largest });
      }
      say(`${study.id}, seed ${seed}, dose ${dose}: done`);
    }
  return { rows, files };
}

/** Reads a case's scans; throws what is wrong with them. */
export async function loadCase(
  folder: string,
  labels: readonly number[] | undefined,
  signal: AbortSignal,
): Promise<{ study: Study; files: readonly FileRecord[] }> {
  const path = (name: string) => join(folder, `${name}.nii.gz`);
  const there = (name: string) =>
    access(path(name)).then(
      () => true,
      () => false,
    );
  const seg = await there("seg");
  return loadInputs(
    {
      scans: [path("t1"), path("t1ce")],
      case: basename(resolve(folder)),
      ...(seg && { seg: path("seg") }),
      ...(seg && labels && { labels }),
      ...((await there("brain")) && { brain: path("brain") }),
      seed: 1,
    },
    { signal },
  );
}
