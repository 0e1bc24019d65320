import { GadoliniteError } from "../core/errors.js";
import { meanAndSd } from "./doseTable.js";
import { formatPValue } from "./formatNumber.js";
import { meanOf } from "./sampleStatistics.js";
import type { Cell, Table } from "./table.js";

/** One measure under every method: values of the same cases in the same order; NaN where there is none. */
export interface ComparedMeasure {
  readonly label: string;
  readonly better: "higher" | "lower" | "neither";
  /** Digits after the decimal point. Default 2. */
  readonly decimals?: number;
  readonly samples: Readonly<Record<string, readonly number[]>>;
}

export interface ComparisonTableOptions {
  /** The p-value of paired samples, e.g. `(a, b) => wilcoxonSignedRank(a, b).pValue`. */
  readonly pValue: (a: readonly number[], b: readonly number[]) => number;
  /** Name of the test, for the note. */
  readonly test: string;
  /** Level of significance. Default 0.05, Bône's. */
  readonly alpha?: number;
  /** Columns from left to right. Default: the first measure's methods. */
  readonly methods?: readonly string[];
  readonly caption?: string;
}

/**
 * Compares methods measure by measure: mean ± standard deviation (n − 1) under each, then the p-value of each pair of methods,
 * with `*` below alpha. The best mean is bold if it differs from every other method's at that level.
 *
 * A case without a value under one method of a pair (NaN) is left out of that pair's test.
 *
 * @throws `out-of-range` if a measure lacks a method, its samples differ in length, or there are fewer than two methods
 * @see Bône et al. 2022, Invest Radiol 57:527, tables 3, 4 and 6
 * @example
 * comparisonTable([{ label: "CNR", better: "higher", samples: { T1c: [9, 8], "T1c-pro": [44, 41] } }], {
 *   pValue: (a, b) => wilcoxonSignedRank(a, b).pValue,
 *   test: "Wilcoxon signed rank",
 * });
 */
export function comparisonTable(measures: readonly ComparedMeasure[], options: ComparisonTableOptions): Table {
  const { pValue, test, alpha = 0.05, methods = Object.keys(measures[0]?.samples ?? {}), caption } = options;
  if (methods.length < 2)
    throw new GadoliniteError("out-of-range", `A comparison needs two methods or more, but there are ${methods.length}.`);
  const pairs = methods.flatMap((a, i) => methods.slice(i + 1).map((b) => [a, b] as const));
  const rows = measures.map((measure) => {
    checkSamples(measure, methods);
    const { label, better, decimals = 2, samples } = measure;
    const tests = pairs.map(([a, b]) => pairedTest(samples[a]!, samples[b]!, pValue));
    const best =
      better === "neither"
        ? -1
        : bestMethod(
            methods.map((m) => samples[m]!),
            better === "higher" ? 1 : -1,
          );
    const isProved = pairs.every(([a, b], n) => ![a, b].includes(methods[best] ?? "") || tests[n]! < alpha);
    return [
      label,
      ...methods.map((m, n): Cell => {
        const known = samples[m]!.filter((v) => !Number.isNaN(v));
        const value = known.length > 0 ? meanAndSd(known, decimals, decimals) : null;
        return { value, bold: n === best && isProved };
      }),
      ...tests.map((p): Cell => ({ value: formatPValue(p), mark: p < alpha ? "*" : "" })),
    ];
  });
  return {
    ...(caption === undefined ? {} : { caption }),
    columns: [
      { label: "" },
      ...methods.map((label) => ({ label, align: "right" as const })),
      ...pairs.map(([a, b]) => ({ label: `${a} vs. ${b}`, group: "p-value", align: "right" as const })),
    ],
    rows,
    notes: [`Mean ± standard deviation; ${test}, * p < ${alpha}. Bold: the best, where it differs from every other.`],
  };
}

function checkSamples({ label, samples }: ComparedMeasure, methods: readonly string[]): void {
  const lengths = new Set(methods.map((m) => (Object.hasOwn(samples, m) ? samples[m]!.length : undefined)));
  if (lengths.has(undefined) || lengths.size > 1)
    throw new GadoliniteError(
      "out-of-range",
      `"${label}" needs as many values under each of ${methods.join(", ")}, one a case; NaN where there is none.`,
    );
}

function pairedTest(a: readonly number[], b: readonly number[], pValue: ComparisonTableOptions["pValue"]): number {
  const shared = a.map((_, i) => i).filter((i) => !Number.isNaN(a[i]!) && !Number.isNaN(b[i]!));
  return shared.length === 0
    ? Number.NaN
    : pValue(
        shared.map((i) => a[i]!),
        shared.map((i) => b[i]!),
      );
}

/** Index of the one with the best mean; −1 if there is none. */
function bestMethod(samples: readonly (readonly number[])[], sign: number): number {
  const means = samples.map((values) => sign * meanOf(values.filter((v) => !Number.isNaN(v))));
  return means.reduce((best, m, n) => (!Number.isNaN(m) && (best < 0 || m > means[best]!) ? n : best), -1);
}
