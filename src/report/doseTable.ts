import { GadoliniteError } from "../core/errors.js";
import { formatNumber } from "./formatNumber.js";
import { meanOf, standardDeviation } from "./sampleStatistics.js";
import type { Cell, Table, TableCell } from "./table.js";

/** One number of one case: the tidy form in which results are kept, exported and told. */
export interface DoseResult {
  /** Name of the case. */
  readonly case: string;
  /** Name of what restored the image; also of what it is compared with, e.g. `"low dose"`. */
  readonly restorer: string;
  /** Dose that went in, as a fraction of the standard dose. */
  readonly dose: number;
  /** Where it was measured, e.g. `"tumour box"`. */
  readonly region?: string;
  /** What was measured, e.g. `"psnr"`. */
  readonly metric: string;
  readonly value: number;
}

export interface DoseTableOptions {
  /** The metric to tell. */
  readonly metric: string;
  /** The region to tell; may be left out where the metric was measured in one region only. */
  readonly region?: string;
  /** Which end is good; the best mean of each dose is bold. */
  readonly better: "higher" | "lower" | "neither";
  /** Digits after the decimal point of the mean. Default 2. */
  readonly decimals?: number;
  /** Digits of the standard deviation. Default `decimals`. */
  readonly sdDecimals?: number;
  /** Rows from top to bottom. Default: in the order in which they first occur. */
  readonly restorers?: readonly string[];
  /** Caption; default none. */
  readonly caption?: string;
  /** Marks with `*` what differs from a baseline at the same dose, over the cases that both have. */
  readonly comparison?: {
    readonly baseline: string;
    /** The p-value of paired samples, e.g. `(a, b) => wilcoxonSignedRank(a, b).pValue`. */
    readonly pValue: (baseline: readonly number[], restored: readonly number[]) => number;
    /** Marked if p < alpha. Chen: 0.001. */
    readonly alpha: number;
    /** Name of the test, for the note. */
    readonly test: string;
  };
}

/**
 * Tells one metric as a table of restorers (rows) by doses (columns): mean ± standard deviation (n − 1) over the cases.
 *
 * NaN results are undefined ones: they are left out and counted in a note. An infinite result (PSNR of equal images) makes
 * the mean infinite, and a standard deviation is left out where it is undefined (one case, or an infinite one). A dose at
 * which a restorer has no case is `–`. Means that print alike are all best.
 *
 * @param results numbers of all cases, doses, restorers; others than the metric's and region's are passed over
 * @throws `out-of-range` if nothing matches, if several regions match and none was chosen, if a case occurs twice at a dose
 *   for one restorer, or if the baseline is not among the restorers
 * @see Chen et al. 2025, Eur Radiol, table 4
 * @example
 * toMarkdown(doseTable(results, { metric: "psnr", region: "tumour box", better: "higher", decimals: 1 }));
 */
export function doseTable(results: readonly DoseResult[], options: DoseTableOptions): Table {
  const { better, decimals = 2, sdDecimals = decimals, comparison, caption } = options;
  const chosen = chooseResults(results, options);
  const doses = [...new Set(chosen.map(({ dose }) => dose))].sort((a, b) => a - b);
  const restorers = options.restorers ?? [...new Set(chosen.map(({ restorer }) => restorer))];
  const samples = restorers.map((restorer) => doses.map((dose) => sample(chosen, restorer, dose)));
  const baseline = comparison ? restorers.indexOf(comparison.baseline) : -1;
  if (comparison && baseline < 0)
    throw new GadoliniteError("out-of-range", `The baseline "${comparison.baseline}" is none of ${restorers.join(", ")}.`);

  const cells = samples.map((row, r) =>
    row.map((values, d): Cell => {
      if (values.size === 0) return { value: null };
      const text = meanAndSd([...values.values()], decimals, sdDecimals);
      const marked = comparison && r !== baseline && differs(samples[baseline]![d]!, values, comparison);
      return marked ? { value: text, mark: "*" } : { value: text };
    }),
  );
  const bold = doses.map((_, d) =>
    bestRows(
      samples.map((row) => row[d]!),
      better,
      decimals,
    ),
  );
  const rows: TableCell[][] = restorers.map((restorer, r) => [
    restorer,
    ...cells[r]!.map((cell, d) => (bold[d]!.has(r) ? { ...cell, bold: true } : cell)),
  ]);
  return {
    ...(caption === undefined ? {} : { caption }),
    columns: [{ label: "" }, ...doses.map((dose) => ({ label: percentOf(dose), align: "right" as const }))],
    rows,
    notes: notesOf(chosen, samples, comparison),
  };
}

/** The results of the metric and region, each case once. */
export function chooseResults(
  results: readonly DoseResult[],
  { metric, region }: Pick<DoseTableOptions, "metric" | "region">,
): readonly DoseResult[] {
  const chosen = results.filter((r) => r.metric === metric && (region === undefined || r.region === region));
  if (chosen.length === 0)
    throw new GadoliniteError(
      "out-of-range",
      `No result of "${metric}"${region === undefined ? "" : ` in "${region}"`}; there are ${list(results.map((r) => r.metric))}${region === undefined ? "" : ` in ${list(results.map((r) => r.region ?? "no region"))}`}.`,
    );
  const regions = new Set(chosen.map((r) => r.region));
  if (regions.size > 1)
    throw new GadoliniteError("out-of-range", `"${metric}" was measured in ${list([...regions].map(String))}: choose a region.`);
  const seen = new Set<string>();
  for (const r of chosen) {
    const key = JSON.stringify([r.case, r.restorer, r.dose]);
    if (seen.has(key))
      throw new GadoliniteError(
        "out-of-range",
        `Case "${r.case}" has two results of "${metric}" at dose ${r.dose} for "${r.restorer}"; each case counts once.`,
      );
    seen.add(key);
  }
  return chosen;
}

const list = (names: readonly string[]) => [...new Set(names)].map((name) => `"${name}"`).join(", ") || "none";

/** Value by case, undefined ones left out. */
function sample(results: readonly DoseResult[], restorer: string, dose: number): ReadonlyMap<string, number> {
  const own = results.filter((r) => r.restorer === restorer && r.dose === dose && !Number.isNaN(r.value));
  return new Map(own.map((r) => [r.case, r.value]));
}

/** `0.64 ± 0.11`; the standard deviation is left out where it is undefined. */
export function meanAndSd(values: readonly number[], decimals: number, sdDecimals: number): string {
  const mean = meanOf(values);
  const text = formatNumber(mean, { decimals });
  if (values.length < 2 || !Number.isFinite(mean)) return text;
  return `${text} ± ${formatNumber(standardDeviation(values), { decimals: sdDecimals })}`;
}

function differs(
  baseline: ReadonlyMap<string, number>,
  restored: ReadonlyMap<string, number>,
  { pValue, alpha }: NonNullable<DoseTableOptions["comparison"]>,
): boolean {
  const shared = [...baseline.keys()].filter((name) => restored.has(name));
  if (shared.length === 0) return false;
  return (
    pValue(
      shared.map((name) => baseline.get(name)!),
      shared.map((name) => restored.get(name)!),
    ) < alpha
  );
}

/** The rows whose mean prints like the best one. */
function bestRows(
  samples: readonly ReadonlyMap<string, number>[],
  better: DoseTableOptions["better"],
  decimals: number,
): ReadonlySet<number> {
  if (better === "neither" || samples.filter((values) => values.size > 0).length < 2) return new Set();
  const sign = better === "higher" ? 1 : -1;
  const means = samples.map((values) => (values.size === 0 ? -Infinity : sign * meanOf([...values.values()])));
  const best = Math.max(...means.filter((m, r) => samples[r]!.size > 0 && !Number.isNaN(m)));
  const print = (v: number) => formatNumber(v, { decimals });
  return new Set(means.flatMap((m, r) => (samples[r]!.size > 0 && print(m) === print(best) ? [r] : [])));
}

/** A fraction in per cent: `10 %`. */
export const percentOf = (fraction: number): string => `${formatNumber(Number((100 * fraction).toPrecision(6)))} %`;

function notesOf(
  chosen: readonly DoseResult[],
  samples: readonly (readonly ReadonlyMap<string, number>[])[],
  comparison: DoseTableOptions["comparison"],
): string[] {
  const counts = [...new Set(samples.flat().map((values) => values.size))].filter((n) => n > 0).sort((a, b) => a - b);
  const undefinedOnes = chosen.filter((r) => Number.isNaN(r.value)).length;
  const cases = counts.length < 2 ? `${counts[0] ?? 0}` : `${counts[0]} to ${counts.at(-1)}`;
  return [
    `Mean ± standard deviation over ${cases} case${cases === "1" ? "" : "s"}; columns: dose as per cent of the standard dose.`,
    ...(undefinedOnes > 0 ? [`${undefinedOnes} undefined result${undefinedOnes === 1 ? "" : "s"} left out.`] : []),
    ...(comparison
      ? [`* differs from “${comparison.baseline}” at the same dose (${comparison.test}, p < ${comparison.alpha}).`]
      : []),
  ];
}
