import { describe, expect, test } from "vitest";
import type { DetectionReading } from "../../src/report/detectionRates.js";
import { type DetectionTableOptions, detectionTable } from "../../src/report/detectionTable.js";
import { toMarkdown } from "../../src/report/toMarkdown.js";

/** Binomial tail sums, for the mid-p test on small counts. */
function midP(b: number, c: number): number {
  const n = b + c;
  if (n === 0) return 1;
  const choose = (k: number) => Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((a, f) => a * f, 1);
  const density = (k: number) => choose(k) / 2 ** n;
  const least = Math.min(b, c);
  const tail = Array.from({ length: least + 1 }, (_, k) => density(k)).reduce((a, v) => a + v, 0);
  return Math.min(1, 2 * tail - density(least));
}

const options: DetectionTableOptions = {
  minSizesMm: [10],
  sensitivityPValue: midP,
  falseDetectionPValue: (a, b) => (a.every((v, n) => v === b[n]) ? 1 : 0.5),
  sensitivityInterval: (found, lesions) => [found / lesions - 0.1, found / lesions + 0.1],
  falseDetectionInterval: (counts) => [0, Math.max(...counts)],
};

/** Readings with so many lesions of 12 mm (one a case, further cases without), the first `found` found, one false mark in each of the first `wrong` cases. */
const readingsOf = (
  reader: string,
  arm: string,
  found: number,
  wrong: number,
  lesions: number,
  cases: number,
): DetectionReading[] =>
  Array.from({ length: cases }, (_, n) => ({
    reader,
    arm,
    case: `case ${n}`,
    lesions: Array.from({ length: Math.floor(lesions / cases) + (n < lesions % cases ? 1 : 0) }, (_, l) => ({
      sizeMm: 12,
      found: n + l * cases < found,
    })),
    falsePositivesMm: n < wrong ? [11, 3] : [3],
  }));

// Counts of Bône's table 5 for lesions of 10 mm or more: 77, 85, 79, 85 of 89 found, 0, 1, 3, 2 false marks in 79 cases.
const bone = [
  ...readingsOf("Reader 1", "T1c", 77, 0, 89, 79),
  ...readingsOf("Reader 1", "T1c-pro", 85, 1, 89, 79),
  ...readingsOf("Reader 2", "T1c", 79, 3, 89, 79),
  ...readingsOf("Reader 2", "T1c-pro", 85, 2, 89, 79),
];
const texts = (table: ReturnType<typeof detectionTable>) =>
  table.rows.map((row) =>
    row.map((cell) => (typeof cell === "object" && cell ? `${cell.bold ? "!" : ""}${cell.value}${cell.mark ?? ""}` : cell)),
  );

describe("detectionTable", () => {
  test("Bône's table 5, lesions of 10 mm or more, from its counts", () => {
    const table = detectionTable(bone, options);
    expect(texts(table)).toEqual([
      // As printed, intervals apart: p = .25 and >.99 between the readers, .008 by the mean discordant counts (0, 7).
      [
        "≥10 mm",
        "SE",
        "87 % (77/89)",
        "96 % (85/89)",
        "89 % (79/89)",
        "96 % (85/89)",
        "0.25",
        ">0.99",
        "88 % [78; 98]",
        "!96 % [86; 106]",
        "0.008*",
      ],
      [
        "",
        "FDR",
        "0.00 (0/79)",
        "0.01 (1/79)",
        "0.04 (3/79)",
        "0.03 (2/79)",
        "0.50",
        "0.50",
        "0.02 [0.00; 0.50]",
        "0.02 [0.00; 1.00]",
        "0.50",
      ],
      ["", "PPV", "100 % (77/77)", "99 % (85/86)", "96 % (79/82)", "98 % (85/87)", "", "", "98 %", "98 %", ""],
      ["", "F1", "93 %", "97 %", "92 %", "97 %", "", "", "93 %", "97 %", ""],
    ]);
    expect(table.columns.map(({ group }) => group ?? "")).toEqual([
      "",
      "",
      "Reader 1",
      "Reader 1",
      "Reader 2",
      "Reader 2",
      "Reader 1 vs. Reader 2, p",
      "Reader 1 vs. Reader 2, p",
      "Reader average",
      "Reader average",
      "Reader average",
    ]);
    expect(() => toMarkdown(table)).not.toThrow();
  });

  test("each false mark counts by its own size", () => {
    const rows = texts(detectionTable(bone, { ...options, minSizesMm: [0, 5] }));
    expect(rows[1]!.slice(2, 6)).toEqual(["1.00 (79/79)", "1.01 (80/79)", "1.04 (82/79)", "1.03 (81/79)"]);
    expect(rows[5]!.slice(2, 6)).toEqual(["0.00 (0/79)", "0.01 (1/79)", "0.04 (3/79)", "0.03 (2/79)"]);
  });

  test("one reader: no averages; the arms are compared in his own columns", () => {
    const table = detectionTable(bone.slice(0, 158), options);
    expect(texts(table)[0]).toEqual(["≥10 mm", "SE", "87 % (77/89)", "!96 % (85/89)", "0.004*"]);
  });

  test("rates without a denominator are dashes", () => {
    const empty = ["a", "b"].map((arm) => ({ reader: "r", arm, case: "c", lesions: [], falsePositivesMm: [] }));
    const rows = texts(detectionTable(empty, options));
    expect(rows[0]!.slice(2, 4)).toEqual(["– (0/0)", "– (0/0)"]);
    expect(rows[2]!.slice(2, 4)).toEqual(["– (0/0)", "– (0/0)"]);
    expect(rows[3]!.slice(2, 4)).toEqual(["–", "–"]);
  });

  test("refuses", () => {
    const refuse = (readings: readonly DetectionReading[], message: RegExp) =>
      expect(() => detectionTable(readings, options)).toThrowError(
        expect.objectContaining({ code: "out-of-range", message: expect.stringMatching(message) }),
      );
    refuse([], /no reading/);
    refuse(bone.slice(1), /was not read by Reader 1/);
    refuse([...bone, bone[0]!], /read twice/);
    refuse([{ ...bone[0]!, lesions: [] }, ...bone.slice(1)], /not the same in every reading/);
  });
});
