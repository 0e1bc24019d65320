import { type DetectionCase, detection, type Lesion } from "../../src/metrics/index.js";
import { formatPValue } from "../../src/report/index.js";
import {
  clopperPearson,
  fisherExact,
  mcnemarMidP,
  studentInterval,
  tTestFromSummary,
  wilcoxonSignedRank,
} from "../../src/statistics/index.js";
import { type PrintedNumber, percent } from "./rows.js";

const CASES = 79;

// Table 2.

const independent = (a: readonly [number, number], b: readonly [number, number]) =>
  tTestFromSummary({ mean: a[0], sd: a[1], n: 107 }, { mean: b[0], sd: b[1], n: CASES }, { design: "equal-variances" }).pValue;

function table2(): PrintedNumber[] {
  const shares: [string, number, string, number, string][] = [
    ["women", 58, "54 %", 41, "52 %"],
    ["glioma", 22, "21 %", 8, "10 %"],
    ["brain metastases", 52, "49 %", 44, "56 %"],
    ["meningioma", 1, "1 %", 0, "0 %"],
    ["no enhancing lesion", 32, "29 %", 27, "34 %"],
  ];
  const rows = shares.flatMap(([what, training, inTraining, test, inTest]) => [
    agreed("table 2", `${what}, training`, inTraining, percent(training / 107), `${training} of 107`),
    agreed("table 2", `${what}, test`, inTest, percent(test / CASES), `${test} of 79`),
  ]);
  const indications = [
    [22, 8],
    [52, 44],
    [1, 0],
    [32, 27],
  ];
  const sex = [
    [58, 49],
    [41, 38],
  ];
  return [
    ...rows.map((row) =>
      row.what === "no enhancing lesion, training"
        ? wrong(row, "32 of 107 is 29.9 %; the column then adds up to 101 %, from rounding.")
        : row,
    ),
    agreed("table 2", "sex, p", "0.77", formatPValue(fisherExact(sex)), "Fisher's exact test of the counts"),
    wrong(
      agreed("table 2", "indication, p", "0.18", fisherExact(indications).toFixed(5), "Freeman and Halton's test of the counts"),
      "By a hair: 0.17 to two digits; 0.175 rounded again gives 0.18.",
    ),
    open(
      "table 2",
      "age, p",
      "0.07",
      formatPValue(independent([55, 14], [59, 14])),
      "t-test from means and SDs",
      "Printed is a Mann–Whitney test, which needs the ages.",
    ),
    open(
      "table 2",
      "weight, p",
      "0.06",
      formatPValue(independent([70, 18], [74, 16])),
      "t-test from means and SDs",
      "Printed is a Mann–Whitney test, which needs the weights.",
    ),
  ];
}

// Table 5.

interface Counts {
  readonly found: number;
  readonly falseMarks: number;
}

interface Printed {
  readonly se: string;
  readonly fdr: string;
  readonly ppv: string;
  readonly f1: string;
}

interface Size {
  readonly name: string;
  readonly lesions: number;
  /** Reader 1: T1c, T1c-pro; reader 2: T1c, T1c-pro. */
  readonly counts: readonly Counts[];
  readonly printed: readonly Printed[];
  /** Reader average: T1c, T1c-pro. */
  readonly average: readonly (Printed & { readonly seInterval: string; readonly fdrInterval: string })[];
}

const cell = (se: string, fdr: string, ppv: string, f1: string): Printed => ({ se, fdr, ppv, f1 });
const count = (found: number, falseMarks: number): Counts => ({ found, falseMarks });

export const SIZES: readonly Size[] = [
  {
    name: "≥0 mm",
    lesions: 187,
    counts: [count(106, 3), count(138, 7), count(111, 5), count(142, 15)],
    printed: [
      cell("57 %", "0.04", "97 %", "72 %"),
      cell("74 %", "0.09", "95 %", "83 %"),
      cell("59 %", "0.06", "96 %", "73 %"),
      cell("76 %", "0.19", "90 %", "83 %"),
    ],
    average: [
      { ...cell("59 %", "0.05", "96 %", "72 %"), seInterval: "[51; 65]", fdrInterval: "±0.04" },
      { ...cell("75 %", "0.14", "93 %", "83 %"), seInterval: "[68; 81]", fdrInterval: "±0.09" },
    ],
  },
  {
    name: "≥5 mm",
    lesions: 145,
    counts: [count(100, 2), count(124, 3), count(103, 5), count(123, 7)],
    printed: [
      cell("69 %", "0.03", "98 %", "81 %"),
      cell("86 %", "0.04", "98 %", "91 %"),
      cell("71 %", "0.06", "95 %", "81 %"),
      cell("85 %", "0.09", "95 %", "89 %"),
    ],
    average: [
      { ...cell("70 %", "0.04", "97 %", "81 %"), seInterval: "[62; 77]", fdrInterval: "±0.04" },
      { ...cell("85 %", "0.06", "96 %", "90 %"), seInterval: "[78; 91]", fdrInterval: "±0.05" },
    ],
  },
  {
    name: "≥10 mm",
    lesions: 89,
    counts: [count(77, 0), count(85, 1), count(79, 3), count(85, 2)],
    printed: [
      cell("87 %", "0.00", "100 %", "93 %"),
      cell("96 %", "0.01", "99 %", "97 %"),
      cell("89 %", "0.04", "96 %", "92 %"),
      cell("96 %", "0.03", "98 %", "97 %"),
    ],
    average: [
      { ...cell("88 %", "0.02", "98 %", "93 %"), seInterval: "[79; 94]", fdrInterval: "±0.02" },
      { ...cell("96 %", "0.02", "98 %", "97 %"), seInterval: "[89; 99]", fdrInterval: "±0.02" },
    ],
  },
];

/** 79 cases with so many lesions found and falsely marked; where they lie doesn't matter for the rates. */
export function casesOf(lesions: number, { found, falseMarks }: Counts): readonly DetectionCase[] {
  const at = (n: number): Lesion => ({ centerMm: [100 * n, 0, 0], longMm: 12, shortMm: 8 });
  return Array.from({ length: CASES }, (_, c) => {
    const own = (n: number) => Array.from({ length: n }, (__, i) => i).filter((i) => i % CASES === c);
    return { reference: own(lesions).map(at), detections: [...own(found), ...own(falseMarks).map((n) => lesions + n)].map(at) };
  });
}

const READINGS = ["reader 1, T1c", "reader 1, T1c-pro", "reader 2, T1c", "reader 2, T1c-pro"];

function ratesOf(size: Size): PrintedNumber[] {
  const rates = size.counts.map((counts) => detection(casesOf(size.lesions, counts), { minSizesMm: [0] })[0]!);
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const single = READINGS.flatMap((reading, n) => {
    const { found, falseMarks } = size.counts[n]!;
    const { sensitivity, falsePositivesPerCase, ppv, f1 } = rates[n]!;
    const { se, fdr, ppv: printedPpv, f1: printedF1 } = size.printed[n]!;
    const what = (name: string) => `${name} ${size.name}, ${reading}`;
    return [
      agreed("table 5", what("SE"), se, percent(sensitivity), `${found} of ${size.lesions}`),
      agreed("table 5", what("FDR"), fdr, falsePositivesPerCase.toFixed(2), `${falseMarks} in 79 cases`),
      agreed("table 5", what("PPV"), printedPpv, percent(ppv), `${found} of ${found + falseMarks}`),
      agreed("table 5", what("F1"), printedF1, percent(f1), "the counts"),
    ];
  });
  const averages = ["T1c", "T1c-pro"].flatMap((arm, a) => {
    const both = [rates[a]!, rates[a + 2]!];
    const found = mean(both.map((r) => r.found));
    const marks = both.reduce((sum, r) => sum + r.falsePositives, 0);
    const printed = size.average[a]!;
    const [low, high] = clopperPearson(found, size.lesions);
    const what = (name: string) => `${name} ${size.name}, average, ${arm}`;
    const interval = `[${(100 * low).toFixed(0)}; ${(100 * high).toFixed(0)}]`;
    const sensitivity = agreed(
      "table 5",
      what("SE"),
      printed.se,
      percent(mean(both.map((r) => r.sensitivity))),
      `${found} of ${size.lesions} on average`,
    );
    return [
      sensitivity.printed === "59 %"
        ? wrong(sensitivity, "The mean of 56.7 % and 59.4 % is 58.0 %; abstract and text repeat 59 %.")
        : sensitivity,
      agreed("table 5", what("SE interval"), printed.seInterval, interval, `Clopper–Pearson at ${found} of ${size.lesions}`),
      agreed(
        "table 5",
        what("FDR"),
        printed.fdr,
        mean(both.map((r) => r.falsePositivesPerCase)).toFixed(2),
        "both readers' rates",
      ),
      falseMarkInterval(what("FDR interval"), printed.fdrInterval, marks),
      agreed("table 5", what("PPV"), printed.ppv, percent(mean(both.map((r) => r.ppv))), "both readers' rates"),
      agreed("table 5", what("F1"), printed.f1, percent(mean(both.map((r) => r.f1))), "both readers' rates"),
    ];
  });
  return [...single, ...averages];
}

/** Student's interval if each false mark stands in a case of its own, where the interval is narrowest. */
function falseMarkInterval(what: string, printed: string, marks: number): PrintedNumber {
  const perCase = Array.from({ length: CASES }, (_, n) => (n < marks ? 0.5 : 0));
  const [low, high] = studentInterval(perCase);
  const from = `Student's interval, ${marks} false marks of both readers in cases of their own`;
  const row = agreed("table 5", what, printed, `±${((high - low) / 2).toFixed(2)}`, from);
  return row.recomputed === printed
    ? row
    : { ...row, verdict: "open", note: "A bound: marks that share a case widen it, and where they lie isn't printed." };
}

const mcnemar = (what: string, printed: string, b: number, c: number) =>
  agreed(
    "table 5",
    what,
    printed,
    formatPValue(mcnemarMidP(b, c)),
    `McNemar mid-p, if ${b} and ${c} lesions were found in one reading alone`,
  );

/** The mean gain of both readers, with as many lesions lost as leave p where it is. */
const gained = (what: string, printed: string, gain: number, lost: number) => ({
  ...mcnemar(what, printed, lost, lost + gain),
  from: `McNemar mid-p, if T1c-pro finds ${gain} more and loses at most ${lost}`,
});

const signs = (what: string, printed: string, down: number, up: number) =>
  agreed(
    "table 5",
    what,
    printed,
    formatPValue(
      wilcoxonSignedRank([...new Array<number>(up).fill(1), ...new Array<number>(down).fill(-1)], undefined, {
        method: "approximate",
      }).pValue,
    ),
    `Wilcoxon without continuity correction, if ${down} cases have one false mark less and ${up} one more`,
  );

function tests5(): PrintedNumber[] {
  return [
    mcnemar("SE ≥0 mm, reader 1 against 2, T1c, p", "0.15", 3, 8),
    wrong(
      { ...mcnemar("SE ≥0 mm, reader 1 against 2, T1c-pro, p", "0.41", 9, 13), recomputed: mcnemarMidP(9, 13).toFixed(4) },
      "By a hair: no two counts that differ by four give 0.41; these come nearest, and 0.405 rounded again gives it.",
    ),
    gained("SE ≥0 mm, T1c against T1c-pro, p", "<0.001", 31, 29),
    mcnemar("SE ≥5 mm, reader 1 against 2, T1c, p", "0.34", 3, 6),
    mcnemar("SE ≥5 mm, reader 1 against 2, T1c-pro, p", "0.79", 7, 6),
    gained("SE ≥5 mm, T1c against T1c-pro, p", "<0.001", 22, 11),
    mcnemar("SE ≥10 mm, reader 1 against 2, T1c, p", "0.25", 0, 2),
    mcnemar("SE ≥10 mm, reader 1 against 2, T1c-pro, p", ">0.99", 0, 0),
    mcnemar("SE ≥10 mm, T1c against T1c-pro, p", "0.008", 0, 7),
    signs("FDR ≥0 mm, reader 1 against 2, T1c, p", "0.32", 1, 3),
    signs("FDR ≥0 mm, reader 1 against 2, T1c-pro, p", "0.09", 7, 15),
    signs("FDR ≥5 mm, reader 1 against 2, T1c, p", "0.18", 1, 4),
    signs("FDR ≥5 mm, reader 1 against 2, T1c-pro, p", "0.10", 1, 5),
    signs("FDR ≥10 mm, reader 1 against 2, T1c, p", "0.08", 0, 3),
    signs("FDR ≥10 mm, reader 1 against 2, T1c-pro, p", "0.56", 1, 2),
    signs("FDR ≥10 mm, T1c against T1c-pro, p", ">0.99", 3, 3),
  ];
}

// Table 6, in seconds.

const TIMES = { first: [92, 173], second: [125, 159, 183], sdFirst: [95, 129], sdSecond: [123, 163, 151] } as const;
const clock = (seconds: number) => `${Math.floor(seconds / 60)}'${String(Math.floor(seconds) % 60).padStart(2, "0")}''`;

function table6(): PrintedNumber[] {
  const { first, second, sdFirst, sdSecond } = TIMES;
  const average = [0, 1].map((n) => (first[n]! + second[n]!) / 2);
  const marks = [(109 + 116) / 2, (145 + 157) / 2, 187];
  const times = [average[0]!, average[1]!, second[2]];
  const names = ["T1c", "T1c-pro", "T1c-vfa"];
  const test = (what: string, printed: string, a: readonly [number, number], b: readonly [number, number]) => {
    const summary = ([mean, sd]: readonly [number, number]) => ({ mean, sd, n: CASES });
    const p = formatPValue(tTestFromSummary(summary(a), summary(b), { design: "equal-variances" }).pValue);
    const from = "independent t-test from means and SDs";
    return p === printed
      ? agreed("table 6", what, printed, p, from)
      : open("table 6", what, printed, p, from, "Which t-test was done isn't said; a paired one needs the cases.");
  };
  const perLesion = ["0.96 s", "1.10 s", "0.98 s"].map((printed, n) => {
    const row: PrintedNumber = {
      where: "text to table 6",
      what: `time per lesion, ${names[n]}`,
      printed,
      recomputed: `${((CASES * times[n]!) / marks[n]!).toFixed(0)} s`,
      from: `79 cases of ${times[n]} s, ${marks[n]} marks`,
      verdict: "wrong",
      note: `${printed} is ${times[n]} s / ${marks[n]}: one case's time over all cases' lesions.`,
    };
    return row;
  });
  const seconds = times.map((t, n) => (CASES * t) / marks[n]!);
  return [
    agreed("table 6", "average, T1c", "1'48''", clock(average[0]!), "both readers' means (108.5 s, rounded down)"),
    agreed("table 6", "average, T1c-pro", "2'46''", clock(average[1]!), "both readers' means"),
    agreed("discussion", "T1c-pro takes longer, reader 1", "81 s", `${first[1] - first[0]} s`, "table 6"),
    agreed("discussion", "T1c-pro takes longer, reader 2", "34 s", `${second[1] - second[0]} s`, "table 6"),
    agreed("discussion", "T1c-pro takes longer, average", "58 s", `${166 - 108} s`, "2'46'' less 1'48''"),
    test("reader 1, T1c against T1c-pro, p", "<0.001", [first[0], sdFirst[0]], [first[1], sdFirst[1]]),
    test("reader 2, T1c against T1c-pro, p", "0.15", [second[0], sdSecond[0]], [second[1], sdSecond[1]]),
    test("reader 2, T1c against T1c-vfa, p", "0.01", [second[0], sdSecond[0]], [second[2], sdSecond[2]]),
    test("reader 2, T1c-pro against T1c-vfa, p", "0.36", [second[1], sdSecond[1]], [second[2], sdSecond[2]]),
    test("reader 1 against 2, T1c, p", "0.07", [first[0], sdFirst[0]], [second[0], sdSecond[0]]),
    test("reader 1 against 2, T1c-pro, p", "0.44", [first[1], sdFirst[1]], [second[1], sdSecond[1]]),
    ...perLesion,
    wrong(
      agreed(
        "text to table 6",
        "more time per lesion with T1c-pro",
        "140 ms",
        `${(seconds[1]! - seconds[0]!).toFixed(0)} s`,
        "the above",
      ),
      "Follows from the same slip.",
    ),
  ];
}

function elsewhere(): PrintedNumber[] {
  const gain = ((138 + 142) / 2 - (106 + 111) / 2) / 187;
  return [
    wrong(
      agreed("conclusion", "gain in sensitivity, at most", "16 %", percent(gain), "table 5, ≥0 mm"),
      "75 % less 59 %, of which the latter is wrong.",
    ),
    agreed("methods", "prediction time per case", "15 s", `${((20 * 60 + 12) / CASES).toFixed(0)} s`, "20 min 12 s for 79 cases"),
  ];
}

export const bone2022 = (): readonly PrintedNumber[] => [
  ...table2(),
  ...SIZES.flatMap(ratesOf),
  ...tests5(),
  ...table6(),
  ...elsewhere(),
];

function agreed(where: string, what: string, printed: string, recomputed: string, from: string): PrintedNumber {
  return { where, what, printed, recomputed, from, verdict: "agrees" };
}

function open(where: string, what: string, printed: string, recomputed: string, from: string, note: string): PrintedNumber {
  return { where, what, printed, recomputed, from, verdict: "open", note };
}

const wrong = (row: PrintedNumber, note: string): PrintedNumber => ({ ...row, verdict: "wrong", note });
