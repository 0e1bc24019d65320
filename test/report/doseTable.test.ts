import { describe, expect, test } from "vitest";
import { type DoseResult, type DoseTableOptions, doseTable } from "../../src/report/doseTable.js";
import { toMarkdown } from "../../src/report/toMarkdown.js";

const result = (name: string, restorer: string, dose: number, value: number, metric = "psnr", region = "box"): DoseResult => ({
  case: name,
  restorer,
  dose,
  value,
  metric,
  region,
});
const results = [
  result("a", "low dose", 0.1, 20),
  result("b", "low dose", 0.1, 22),
  result("a", "low dose", 0.3, 24),
  result("b", "low dose", 0.3, 26),
  result("a", "restored", 0.1, 25),
  result("b", "restored", 0.1, 29),
  result("a", "restored", 0.3, 24),
  result("b", "restored", 0.3, 26),
  result("a", "restored", 0.1, 0.7, "ssim"),
];
const options: DoseTableOptions = { metric: "psnr", better: "higher", decimals: 1 };
const cells = (table: ReturnType<typeof doseTable>) =>
  table.rows.map((row) => row.map((c) => (typeof c === "object" && c ? `${c.bold ? "!" : ""}${c.value}${c.mark ?? ""}` : c)));

describe("doseTable", () => {
  test("restorers by doses, mean ± SD, best in bold, equal ones both", () => {
    const table = doseTable(results, options);
    expect(table.columns.map(({ label }) => label)).toEqual(["", "10 %", "30 %"]);
    expect(cells(table)).toEqual([
      ["low dose", "21.0 ± 1.4", "!25.0 ± 1.4"],
      ["restored", "!27.0 ± 2.8", "!25.0 ± 1.4"],
    ]);
    expect(table.notes).toEqual(["Mean ± standard deviation over 2 cases; columns: dose as per cent of the standard dose."]);
  });

  test("lower may be better, or neither; rows may be ordered", () => {
    expect(cells(doseTable(results, { ...options, better: "lower" }))[0]![1]).toBe("!21.0 ± 1.4");
    expect(
      cells(doseTable(results, { ...options, better: "neither" }))
        .flat()
        .join(),
    ).not.toContain("!");
    expect(cells(doseTable(results, { ...options, restorers: ["restored", "low dose"] })).map(([name]) => name)).toEqual([
      "restored",
      "low dose",
    ]);
  });

  test("undefined results are left out and counted; an infinite one has no deviation; a missing one is a dash", () => {
    const more = [
      ...results,
      result("c", "restored", 0.1, Number.NaN),
      result("c", "restored", 0.3, Infinity),
      result("a", "exact", 0.3, 1),
    ];
    const table = doseTable(more, options);
    expect(cells(table)[1]).toEqual(["restored", "!27.0 ± 2.8", "!∞"]);
    expect(cells(table)[2]).toEqual(["exact", "null", "1.0"]);
    expect(table.notes).toEqual([
      "Mean ± standard deviation over 1 to 3 cases; columns: dose as per cent of the standard dose.",
      "1 undefined result left out.",
    ]);
    expect(toMarkdown(table)).toContain("–");
  });

  test("marks what differs from the baseline, over the cases that both have", () => {
    const seen: number[][][] = [];
    const pValue = (a: readonly number[], b: readonly number[]) => {
      seen.push([[...a], [...b]]);
      return a[0] === b[0] ? 1 : 1e-4;
    };
    const more = [...results, result("only restored", "restored", 0.1, 99)];
    const comparison = { baseline: "low dose", alpha: 0.001, test: "Wilcoxon", pValue };
    const table = doseTable(more, { ...options, comparison });
    expect(seen).toEqual([
      [
        [20, 22],
        [25, 29],
      ],
      [
        [24, 26],
        [24, 26],
      ],
    ]);
    expect(cells(table)[1]!.map((c) => String(c).endsWith("*"))).toEqual([false, true, false]);
    expect(table.notes!.at(-1)).toBe("* differs from “low dose” at the same dose (Wilcoxon, p < 0.001).");
  });

  test("refuses", () => {
    const refuse = (list: readonly DoseResult[], more: object, message: RegExp) =>
      expect(() => doseTable(list, { ...options, ...more })).toThrowError(
        expect.objectContaining({ code: "out-of-range", message: expect.stringMatching(message) }),
      );
    refuse(results, { metric: "dice" }, /"psnr", "ssim"/);
    refuse(results, { region: "brain" }, /"box"/);
    refuse([...results, result("a", "low dose", 0.1, 1, "psnr", "brain")], {}, /choose a region/);
    refuse([...results, results[0]!], {}, /two results/);
    refuse(results, { comparison: { baseline: "none", alpha: 0.05, test: "t", pValue: () => 1 } }, /baseline/);
  });
});
