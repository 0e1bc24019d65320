import type { TaskOptions } from "../core/progress.js";
import type { Mask, Volume } from "../core/volume.js";
import { synthesize } from "../enhancement/synthesize.js";
import { averageSurfaceDistance } from "../metrics/averageSurfaceDistance.js";
import { dice } from "../metrics/dice.js";
import { hausdorffDistance } from "../metrics/hausdorffDistance.js";
import { kanzakiClass } from "../metrics/kanzakiClass.js";
import { lesionFromAxes } from "../metrics/lesion.js";
import { lesionsOf } from "../metrics/lesionsOf.js";
import { surfaceDistances } from "../metrics/surfaceDistances.js";
import { doseChart } from "../report/doseChart.js";
import { type DoseResult, doseTable } from "../report/doseTable.js";
import { formatNumber } from "../report/formatNumber.js";
import type { Table } from "../report/table.js";
import { wilcoxonSignedRank } from "../statistics/wilcoxonSignedRank.js";
import { simulatedLowDose } from "./lowDoses.js";
import { restorationMeter } from "./measureRestoration.js";
import type { PreparedStudy } from "./prepareStudy.js";
import type { LoadedModel, System } from "./system.js";

export interface ChenResultsOptions extends TaskOptions {
  /** Doses at which the system has networks; 0 is the pre-contrast scan. */
  readonly doses: readonly number[];
  /** Delineates the tumour in a scan: a network (`segment`), trained on standard-dose scans. Default: nothing is delineated. */
  readonly delineate?: (scan: Volume, study: PreparedStudy) => Mask | Promise<Mask>;
}

const BEFORE = "before restoration";
const AFTER = "DL-restored";
const REGION = "tumour box";

/**
 * Low doses of a study before and after their restoration: SSIM and PSNR in the tumour's box and, where scans are delineated, Dice, HD95 and the average surface distance
 * (MedPy's convention) of the delineation.
 *
 * @param study with lesions, calibrated by its histogram's peaks
 * @returns tidy results of the metrics `ssim`, `psnr`, `dice`, `hd95`, `asd`; NaN where a distance is to an empty delineation
 * @throws what the system and the delineation throw
 * @see Chen et al. 2025, Eur Radiol, "Evaluation and statistical analysis"
 * @example
 * const results = await chenResults(study, { system, models }, { doses: [0, 0.1, 0.3] });
 */
export async function chenResults(
  study: PreparedStudy,
  { system, models }: { readonly system: System; readonly models: readonly LoadedModel[] },
  { doses, delineate, ...task }: ChenResultsOptions,
): Promise<readonly DoseResult[]> {
  const measure = restorationMeter(study);
  const restorer = system.restorer(models, study);
  const results: DoseResult[] = [];
  for (const dose of doses) {
    const low = simulatedLowDose(study, dose, { noise: "none", seed: 0 });
    const restored = synthesize(study.pre, await restorer.signal({ pre: study.pre, low, dose, brain: study.brain }, task));
    for (const [name, scan] of [
      [BEFORE, low],
      [AFTER, restored],
    ] as const) {
      const add = (metric: string, value: number) =>
        results.push({ case: study.id, restorer: name, dose, region: REGION, metric, value });
      const box = measure(scan).find(({ region }) => region === "box");
      if (box) add("ssim", box.ssim);
      if (box) add("psnr", box.psnr);
      if (!delineate || !study.lesions) continue;
      const found = await delineate(scan, study);
      const distances = surfaceDistances(study.lesions, found, { convention: "medpy" });
      add("dice", dice(study.lesions, found));
      add("hd95", hausdorffDistance(distances, { percentile: 95 }));
      add("asd", averageSurfaceDistance(distances).testToReference);
    }
  }
  return results;
}

/** Chen's level of significance. */
const ALPHA = 0.001;

/**
 * Table 4 (SSIM and PSNR by dose, with Wilcoxon's signed-rank test) and, where tumours were delineated, what figure 4 draws.
 *
 * @see Chen et al. 2025, Eur Radiol, table 4 and figure 4
 */
export function chenTables(results: readonly DoseResult[]): readonly Table[] {
  const comparison = {
    baseline: BEFORE,
    pValue: (a: readonly number[], b: readonly number[]) => wilcoxonSignedRank(a, b).pValue,
    alpha: ALPHA,
    test: "Wilcoxon signed rank",
  };
  return measured(results).map(({ metric, label, better, decimals }) =>
    doseTable(results, { metric, better, decimals, comparison, caption: `${label} in the tumour's box` }),
  );
}

/** Figure 4's curves, and table 4's. SVG by metric. */
export function chenCharts(results: readonly DoseResult[]): readonly { readonly metric: string; readonly svg: string }[] {
  return measured(results).map(({ metric, label }) => ({
    metric,
    svg: doseChart(results, { title: `${label} by dose`, metric, label, baseline: BEFORE }),
  }));
}

const METRICS = [
  { metric: "ssim", label: "SSIM", better: "higher", decimals: 3 },
  { metric: "psnr", label: "PSNR (dB)", better: "higher", decimals: 1 },
  { metric: "dice", label: "Dice", better: "higher", decimals: 3 },
  { metric: "hd95", label: "HD95 (mm)", better: "lower", decimals: 2 },
  { metric: "asd", label: "ASD (mm)", better: "lower", decimals: 2 },
] as const;

const measured = (results: readonly DoseResult[]) => METRICS.filter(({ metric }) => results.some((r) => r.metric === metric));

/**
 * The cohort as table 1 tells it: patients, scans, and scans by the size class of their largest tumour.
 *
 * The class wants the diameter outside of the auditory canal; without intra- and extrameatal parts told apart it is that of the whole tumour.
 *
 * @see Chen et al. 2025, Eur Radiol, table 1; Kanzaki et al. 2003, Otol Neurotol 24:642
 */
export function cohortTable(studies: readonly Pick<PreparedStudy, "patient" | "lesions">[]): Table {
  const classes = studies.map(({ lesions }) => {
    const sizes = lesions ? lesionsOf(lesions).map((axes) => lesionFromAxes(axes).longMm) : [];
    return sizes.length > 0 ? kanzakiClass(Math.max(...sizes)).name : "none";
  });
  const share = (name: string) => {
    const count = classes.filter((one) => one === name).length;
    return `${count} (${formatNumber((100 * count) / studies.length, { decimals: 1 })} %)`;
  };
  const names = ["none", "intrameatal", "small", "medium", "moderately large", "large", "giant"];
  return {
    caption: "The cohort",
    columns: [{ label: "" }, { label: "", align: "right" }],
    rows: [
      ["patients", String(new Set(studies.map(({ patient }) => patient)).size)],
      ["scans", String(studies.length)],
      ...names
        .filter((name) => classes.includes(name as (typeof classes)[number]))
        .map((name) => [`tumour: ${name}`, share(name)]),
    ],
  };
}
