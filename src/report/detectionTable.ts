import { GadoliniteError } from "../core/errors.js";
import { arrangeReadings, averageOf, type DetectionReading, type Rates, ratesOf } from "./detectionRates.js";
import { formatNumber, formatPValue } from "./formatNumber.js";
import { meanOf } from "./sampleStatistics.js";
import type { Cell, Column, Table, TableCell } from "./table.js";

type Interval = readonly [low: number, high: number];

export interface DetectionTableOptions {
  /** Rows: only lesions, and false marks, of at least this size in mm count. Default 0, 5, 10, as Bône. */
  readonly minSizesMm?: readonly number[];
  /** In their order; default in the order in which they first occur. */
  readonly readers?: readonly string[];
  readonly arms?: readonly string[];
  /** p-value of paired yes/no: lesions found only in the first, only in the second, e.g. `(b, c) => mcnemarMidP(b, c)`. */
  readonly sensitivityPValue: (onlyFirst: number, onlySecond: number) => number;
  /** p-value of paired counts by case, e.g. `(a, b) => wilcoxonSignedRank(a, b).pValue`. */
  readonly falseDetectionPValue: (first: readonly number[], second: readonly number[]) => number;
  /** Interval of a proportion, e.g. Clopper–Pearson's; the count may be fractional. */
  readonly sensitivityInterval: (found: number, lesions: number) => Interval;
  /** Interval of a mean, e.g. Student's. */
  readonly falseDetectionInterval: (perCase: readonly number[]) => Interval;
  /** Level of significance. Default 0.05. */
  readonly alpha?: number;
  readonly caption?: string;
}

/**
 * Tells lesion detection by reader and arm: sensitivity (SE), false detections per case (FDR), positive predictive value (PPV)
 * and their F1, for all lesions and for those of a minimum size, with reader averages, intervals and p-values.
 *
 *     SE = TP / lesions    FDR = FP / cases    PPV = TP / (TP + FP)    F1 = 2·SE·PPV / (SE + PPV)
 *
 * Averages are averages of the readers' rates; the interval of an average sensitivity is that of the mean count, and its test
 * takes the readers' mean discordant counts, rounded. The average false detections and their test take each case's mean over readers.
 * A rate without a denominator is `–`. Between the arms, the better SE and FDR are bold where the test is below alpha.
 *
 * @param readings every reader × arm × case once
 * @throws `out-of-range` if a reading is missing or doubled, or its lesions are not those of the other readings of that case
 * @see Bône et al. 2022, Invest Radiol 57:527, table 5; Fagerland et al. 2013 for the mid-p test
 * @example
 * const reading = (arm: string, found: boolean) => ({ reader: "A", arm, case: "1", lesions: [{ sizeMm: 8, found }], falsePositivesMm: [] });
 * const table = detectionTable([reading("T1c", false), reading("T1c-pro", true)], tests); // p-values and intervals of gadolinite/statistics
 */
export function detectionTable(readings: readonly DetectionReading[], options: DetectionTableOptions): Table {
  const { minSizesMm = [0, 5, 10], alpha = 0.05, caption } = options;
  if (readings.length === 0) throw new GadoliniteError("out-of-range", "There is no reading to tell.");
  const readers = options.readers ?? distinct(readings.map((r) => r.reader));
  const arms = options.arms ?? distinct(readings.map((r) => r.arm));
  const cases = distinct(readings.map((r) => r.case));
  const table = arrangeReadings(readings, readers, arms, cases);
  const pairs = arms.flatMap((_, a) => arms.slice(a + 1).map((_, n) => [a, a + 1 + n] as const));
  const columns: Column[] = [
    { label: "Size" },
    { label: "" },
    ...readers.flatMap((group) => arms.map((label) => ({ label, group, align: "right" as const }))),
    ...(readers.length === 2
      ? arms.map((label) => ({ label, group: `${readers.join(" vs. ")}, p`, align: "right" as const }))
      : []),
    ...(readers.length > 1 ? arms.map((label) => ({ label, group: "Reader average", align: "right" as const })) : []),
    ...pairs.map(([a, b]) => ({
      label: `${arms[a]} vs. ${arms[b]}, p`,
      group: readers.length > 1 ? "Reader average" : readers[0]!,
      align: "right" as const,
    })),
  ];
  const rows = minSizesMm.flatMap((size) =>
    sizeRows(
      size,
      table.map((byArm) => byArm.map((list) => ratesOf(list, size))),
      pairs,
      options,
      alpha,
    ),
  );
  return {
    ...(caption === undefined ? {} : { caption }),
    columns,
    rows,
    notes: [
      `${cases.length} cases. SE: sensitivity; FDR: false detections per case; PPV: positive predictive value; F1: harmonic mean of SE and PPV. In brackets: intervals.`,
      `* p < ${alpha}. Bold: the better of the arms, where they differ at that level.`,
    ],
  };
}

const distinct = (names: readonly string[]) => [...new Set(names)];

/** The four lines of one size. */
function sizeRows(
  size: number,
  byReader: readonly (readonly Rates[])[],
  pairs: readonly (readonly [number, number])[],
  options: DetectionTableOptions,
  alpha: number,
): readonly (readonly TableCell[])[] {
  const several = byReader.length > 1;
  const flat = byReader.flat();
  const arms = byReader[0]!.map((_, a) => byReader.map((rates) => rates[a]!));
  const averages = arms.map((rates) => averageOf(rates));
  const readerTests = byReader.length === 2 ? arms.map(([first, second]) => compare([first!], [second!], options)) : [];
  const armTests = pairs.map(([a, b]) => compare(arms[a]!, arms[b]!, options));
  const none = (list: readonly unknown[]) => list.map(() => ({ value: "" }));
  const averageCells = (format: (rates: Rates) => string, best: ReadonlySet<number>) =>
    several ? averages.map((rates, a): Cell => ({ value: format(rates), bold: best.has(a) })) : [];
  const p = (value: number): Cell => ({ value: formatPValue(value), mark: value < alpha ? "*" : "" });
  const bestBy = (test: "sensitivity" | "falseDetections", sign: number) =>
    provedBest(
      averages.map((rates) => sign * rates[test]),
      pairs,
      armTests.map((tests) => tests[test]),
      alpha,
    );
  const [bestSe, bestFdr] = [bestBy("sensitivity", 1), bestBy("falseDetections", -1)];
  const single = (cell: Cell, best: ReadonlySet<number>, n: number): Cell => (several ? cell : { ...cell, bold: best.has(n) });
  return [
    [
      `≥${formatNumber(size)} mm`,
      "SE",
      ...flat.map((r, n) => single({ value: `${rate(r.sensitivity)} (${r.found}/${r.lesions})` }, bestSe, n)),
      ...readerTests.map((t) => p(t.sensitivity)),
      ...averageCells(
        (r) =>
          r.lesions === 0 ? "–" : `${rate(r.sensitivity)} ${percentInterval(options.sensitivityInterval(r.found, r.lesions))}`,
        bestSe,
      ),
      ...armTests.map((t) => p(t.sensitivity)),
    ],
    [
      "",
      "FDR",
      ...flat.map((r, n) =>
        single({ value: `${two(r.falseDetections)} (${sumOf(r.falsePositives)}/${r.falsePositives.length})` }, bestFdr, n),
      ),
      ...readerTests.map((t) => p(t.falseDetections)),
      ...averageCells((r) => `${two(r.falseDetections)} ${interval(options.falseDetectionInterval(r.falsePositives))}`, bestFdr),
      ...armTests.map((t) => p(t.falseDetections)),
    ],
    [
      "",
      "PPV",
      ...flat.map((r) => `${rate(r.precision)} (${r.found}/${r.found + sumOf(r.falsePositives)})`),
      ...none(readerTests),
      ...averageCells((r) => rate(r.precision), new Set()),
      ...none(armTests),
    ],
    [
      "",
      "F1",
      ...flat.map((r) => rate(r.f1)),
      ...none(readerTests),
      ...averageCells((r) => rate(r.f1), new Set()),
      ...none(armTests),
    ],
  ];
}

const sumOf = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0);
const two = (value: number) => formatNumber(value, { decimals: 2 });
const rate = (value: number) => (Number.isNaN(value) ? "–" : `${formatNumber(100 * value, { decimals: 0 })} %`);
const interval = ([low, high]: Interval) => `[${two(low)}; ${two(high)}]`;
const percentInterval = ([low, high]: Interval) =>
  `[${formatNumber(100 * low, { decimals: 0 })}; ${formatNumber(100 * high, { decimals: 0 })}]`;

/** Tests between two sets of readings of the same readers in the same order, or of two readers. */
function compare(first: readonly Rates[], second: readonly Rates[], options: DetectionTableOptions) {
  const discordant = first.map((a, r) => {
    const b = second[r]!;
    return [
      a.foundEach.filter((found, n) => found && !b.foundEach[n]).length,
      b.foundEach.filter((found, n) => found && !a.foundEach[n]).length,
    ] as const;
  });
  const [onlyFirst, onlySecond] = [meanOf(discordant.map(([n]) => n)), meanOf(discordant.map(([, n]) => n))];
  return {
    sensitivity: options.sensitivityPValue(Math.round(onlyFirst), Math.round(onlySecond)),
    falseDetections: options.falseDetectionPValue(averageOf(first).falsePositives, averageOf(second).falsePositives),
  };
}

/** The arm with the best rate, if it differs from every other. */
function provedBest(
  rates: readonly number[],
  pairs: readonly (readonly [number, number])[],
  pValues: readonly number[],
  alpha: number,
): ReadonlySet<number> {
  const best = rates.indexOf(Math.max(...rates));
  const isProved = pairs.every((pair, n) => !pair.includes(best) || pValues[n]! < alpha);
  return new Set(best >= 0 && pairs.length > 0 && isProved ? [best] : []);
}
