import type { Volume } from "../core/volume.js";
import { type Lesion, lesionFromAxes } from "../metrics/lesion.js";
import { lesionsOf } from "../metrics/lesionsOf.js";
import { matchLesions } from "../metrics/matchLesions.js";
import { comparisonTable } from "../report/comparisonTable.js";
import type { DetectionReading } from "../report/detectionRates.js";
import { detectionTable } from "../report/detectionTable.js";
import type { Table } from "../report/table.js";
import { clopperPearson } from "../statistics/clopperPearson.js";
import { mcnemarMidP } from "../statistics/mcnemar.js";
import { studentInterval } from "../statistics/studentInterval.js";
import { tTest } from "../statistics/tTest.js";
import { wilcoxonSignedRank } from "../statistics/wilcoxonSignedRank.js";
import { restorationMeter } from "./measureRestoration.js";
import type { PreparedStudy } from "./prepareStudy.js";

/** Contrast of one case's lesions, pooled, under one arm. */
export interface ContrastRow {
  readonly case: string;
  /** The scan that was read, e.g. `"T1c"`. */
  readonly arm: string;
  readonly cnr: number;
  readonly lbr: number;
  readonly cep: number;
}

/**
 * CNR, LBR and CEP of a study's lesions in several scans of it. Lesions are pooled voxel by voxel; healthy brain is what neither enhances nor lies within 5 mm of a lesion.
 *
 * @param arms scans on the study's grid and scale by name, e.g. `{ T1c: study.post, "T1c-pro": amplified }`
 * @returns one row an arm; none for a study without lesions
 * @see Bône et al. 2022, Invest Radiol 57:527, "Performance metrics" (healthy brain was drawn by hand there)
 */
export function contrastRows(study: PreparedStudy, arms: Readonly<Record<string, Volume>>): readonly ContrastRow[] {
  if (!study.lesions) return [];
  const measure = restorationMeter(study);
  return Object.entries(arms).map(([arm, scan]) => {
    const { cnr, lbr, cep } = measure(scan).find(({ region }) => region === "lesion")!;
    return { case: study.id, arm, cnr, lbr, cep };
  });
}

/**
 * What a reader's marks are worth: which lesions of a case they found, and which belong to none.
 *
 * @param marks of one reader in one scan
 * @param reference the case's lesions; default the components of the study's mask
 * @see Bône et al. 2022, Invest Radiol 57:527, "Performance metrics" (lesion tracking)
 */
export function detectionReading(
  { id, lesions }: Pick<PreparedStudy, "id" | "lesions">,
  marks: readonly Lesion[],
  { reader, arm, reference = lesions ? lesionsOf(lesions).map(lesionFromAxes) : [] }: DetectionReadingOptions,
): DetectionReading {
  const { pairs, falsePositives } = matchLesions(reference, marks);
  const found = new Set(pairs.map((pair) => pair.reference));
  return {
    reader,
    arm,
    case: id,
    lesions: reference.map(({ longMm }, n) => ({ sizeMm: longMm, found: found.has(n) })),
    falsePositivesMm: falsePositives.map((n) => marks[n]!.longMm),
  };
}

export interface DetectionReadingOptions {
  readonly reader: string;
  readonly arm: string;
  readonly reference?: readonly Lesion[];
}

/** Answers of readers, in the order of the cases, by arm. */
export type ReaderAnswers = Readonly<Record<string, readonly number[]>>;

export interface BoneResults {
  readonly contrast: readonly ContrastRow[];
  /** Default none: no table 5. */
  readonly readings?: readonly DetectionReading[];
  /** Image quality on 4 points, mean over readers. Default none: no table 3. */
  readonly grades?: ReaderAnswers;
  /** Reading times in seconds, mean over readers. Default none: no table 6. */
  readonly seconds?: ReaderAnswers;
}

const PAIRED = {
  // One case tells no difference.
  pValue: (a: readonly number[], b: readonly number[]) => (a.length > 1 ? tTest(a, b, { design: "paired" }).pValue : Number.NaN),
  test: "paired t-test",
};

/**
 * Tables 3 to 6 of Bône et al. from what there is: contrast of the arms (4), detection by lesion size (5), and readers' grades (3) and times (6).
 *
 * The paper says "t-test": here it is the paired one, since each case is read under every arm.
 *
 * @see Bône et al. 2022, Invest Radiol 57:527, tables 3 to 6
 * @example
 * const [contrast] = boneTables({ contrast: studies.flatMap((study, n) => contrastRows(study, { T1c: study.post, "T1c-pro": amplified[n] })) });
 */
export function boneTables({ contrast, readings, grades, seconds }: BoneResults): readonly Table[] {
  const arms = [...new Set(contrast.map(({ arm }) => arm))];
  const samples = (key: "cnr" | "lbr" | "cep", factor = 1) =>
    Object.fromEntries(arms.map((arm) => [arm, contrast.filter((row) => row.arm === arm).map((row) => factor * row[key])]));
  const answers = (label: string, better: "higher" | "lower", given: ReaderAnswers, number: number) =>
    comparisonTable([{ label, better, samples: given }], { ...PAIRED, caption: `As table ${number} of Bône et al. 2022` });
  return [
    ...(grades ? [answers("image quality", "higher", grades, 3)] : []),
    comparisonTable(
      [
        { label: "CNR", better: "higher", decimals: 1, samples: samples("cnr") },
        { label: "LBR", better: "higher", samples: samples("lbr") },
        { label: "CEP (%)", better: "higher", decimals: 1, samples: samples("cep", 100) },
      ],
      { ...PAIRED, caption: "As table 4 of Bône et al. 2022" },
    ),
    ...(readings
      ? [
          detectionTable(readings, {
            sensitivityPValue: mcnemarMidP,
            falseDetectionPValue: (a, b) => wilcoxonSignedRank(a, b, { method: "approximate" }).pValue,
            sensitivityInterval: (found, lesions) => clopperPearson(found, lesions),
            falseDetectionInterval: (perCase) => (perCase.length > 1 ? studentInterval(perCase) : [Number.NaN, Number.NaN]),
            caption: "As table 5 of Bône et al. 2022",
          }),
        ]
      : []),
    ...(seconds ? [answers("reading time (s)", "lower", seconds, 6)] : []),
  ];
}
