import { describe, expect, test } from "vitest";
import { type ComparisonTableOptions, comparisonTable } from "../../src/report/comparisonTable.js";

const options: ComparisonTableOptions = {
  // Stands for a test: samples whose means differ by more than 5 differ.
  pValue: (a, b) => (Math.abs(a[0]! - b[0]!) > 5 ? 1e-4 : 0.3),
  test: "a test",
};
const measure = (first: number[], second: number[], third: number[], better: "higher" | "lower" | "neither" = "higher") => ({
  label: "CNR",
  better,
  decimals: 1,
  samples: { T1c: first, "T1c-pro": second, "T1c-vfa": third },
});
const texts = (table: ReturnType<typeof comparisonTable>) =>
  table.rows.map((row) =>
    row.map((cell) => (typeof cell === "object" && cell ? `${cell.bold ? "!" : ""}${cell.value}${cell.mark ?? ""}` : cell)),
  );

describe("comparisonTable", () => {
  test("means, deviations and p-values of all pairs; the best is bold where it differs from every other", () => {
    const table = comparisonTable([measure([9, 11], [44, 46], [16, 18]), measure([9, 11], [12, 14], [16, 18])], options);
    expect(table.columns.map(({ label }) => label)).toEqual([
      "",
      "T1c",
      "T1c-pro",
      "T1c-vfa",
      "T1c vs. T1c-pro",
      "T1c vs. T1c-vfa",
      "T1c-pro vs. T1c-vfa",
    ]);
    expect(texts(table)).toEqual([
      ["CNR", "10.0 ± 1.4", "!45.0 ± 1.4", "17.0 ± 1.4", "<0.001*", "<0.001*", "<0.001*"],
      ["CNR", "10.0 ± 1.4", "13.0 ± 1.4", "17.0 ± 1.4", "0.30", "<0.001*", "0.30"],
    ]);
  });

  test("lower may be better, or neither; missing values are left out of their pairs alone", () => {
    expect(texts(comparisonTable([measure([9, 11], [44, 46], [16, 18], "lower")], options))[0]![1]).toBe("!10.0 ± 1.4");
    expect(texts(comparisonTable([measure([9, 11], [44, 46], [16, 18], "neither")], options)).join()).not.toContain("!");
    const seen: (readonly number[])[] = [];
    const pValue = (a: readonly number[], b: readonly number[]) => {
      seen.push(a, b);
      return 1;
    };
    const table = comparisonTable([measure([1, Number.NaN], [3, 4], [Number.NaN, Number.NaN])], { ...options, pValue });
    expect(seen).toEqual([[1], [3]]);
    expect(texts(table)[0]).toEqual(["CNR", "1.0", "3.5 ± 0.7", "null", ">0.99", "n/a", "n/a"]);
  });

  test("refuses", () => {
    const refuse = (samples: Record<string, number[]>, message: RegExp) =>
      expect(() =>
        comparisonTable([{ label: "x", better: "higher", samples }], { ...options, methods: ["a", "b"] }),
      ).toThrowError(expect.objectContaining({ code: "out-of-range", message: expect.stringMatching(message) }));
    refuse({ a: [1] }, /as many values/);
    refuse({ a: [1], b: [1, 2] }, /as many values/);
    expect(() => comparisonTable([], options)).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });
});
