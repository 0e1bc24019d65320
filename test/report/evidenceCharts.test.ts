import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blandAltmanChart } from "../../src/report/blandAltmanChart.js";
import { doseChart } from "../../src/report/doseChart.js";
import { forestPlot } from "../../src/report/forestPlot.js";
import { isPlainSvg } from "../../src/report/plainSvg.js";
import { elements, parseXml, textOf } from "./oracles.js";

const outOfRange = (message: RegExp) =>
  expect.objectContaining({ code: "out-of-range", message: expect.stringMatching(message) });
const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe("blandAltmanChart", () => {
  // Differences 1, 2, 3: mean 2, standard deviation 1.
  const chart = () => parseXml(blandAltmanChart([10, 20, 30], [11, 22, 33], { title: "t", quantity: "CNR" }));

  test("bias and limits of agreement, d̄ ± 1.96 s", () => {
    const texts = elements(chart(), "text").map(textOf);
    for (const text of ["3.96", "2.00", "0.04", "mean CNR", "difference of CNR, test − reference"]) expect(texts).toContain(text);
    expect(textOf(elements(chart(), "desc")[0]!)).toBe(
      "Difference of CNR against its mean, 3 pairs: mean 2.00, 95 % limits of agreement 0.04 to 3.96.",
    );
  });

  test("a point for each pair, at its mean and difference", () => {
    const at = elements(chart(), "circle").map(({ attributes }) => [Number(attributes["cx"]), Number(attributes["cy"])] as const);
    expect(at).toHaveLength(3);
    const [a, b, c] = at as [readonly [number, number], readonly [number, number], readonly [number, number]];
    expect(b[0] - a[0]).toBeCloseTo(c[0] - b[0], 1);
    expect(a[1] - b[1]).toBeCloseTo(b[1] - c[1], 1);
    expect(c[1]).toBeLessThan(a[1]);
  });

  test("refuses", () => {
    for (const [a, b] of [
      [[1, 2], [1]],
      [[1], [1]],
      [
        [1, Number.NaN],
        [1, 2],
      ],
    ] as const)
      expect(() => blandAltmanChart(a, b, { title: "t", quantity: "q" })).toThrowError(outOfRange(/pairs/));
  });

  test("law: plain and whole whatever the values", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 2 }), fc.string(), (pairs, text) => {
        const svg = blandAltmanChart(
          pairs.map(([a]) => a),
          pairs.map(([, b]) => b),
          { title: text, quantity: text },
        );
        expect(isPlainSvg(svg)).toBe(true);
        expect(elements(parseXml(svg), "circle")).toHaveLength(pairs.length);
        expect(svg.replace(/<(text|title|desc)[^>]*>[^<]*/g, "")).not.toMatch(/NaN|Infinity/);
      }),
    );
  });
});

describe("forestPlot", () => {
  const rows = [
    { label: "small", estimate: 0.16, low: 0.1, high: 0.22 },
    { label: "all", estimate: 0.14, low: 0.09, high: 0.19, summary: true },
  ];

  test("intervals to scale, numbers beside them, a diamond for the summary", () => {
    const svg = parseXml(forestPlot({ title: "t", x: { label: "difference", percent: true }, reference: 0, decimals: 0, rows }));
    const texts = elements(svg, "text").map(textOf);
    expect(texts).toContain("16 % [10 %; 22 %]");
    expect(texts).toContain("all");
    const square = elements(svg, "rect")[0]!.attributes;
    const middle = Number(square["x"]) + 4;
    const interval = elements(svg, "line").find(({ attributes }) => attributes["stroke-width"] === "1.5")!.attributes;
    expect(middle).toBeCloseTo((Number(interval["x1"]) + Number(interval["x2"])) / 2, 1);
    expect(elements(svg, "path")).toHaveLength(1);
    expect(elements(svg, "line").filter(({ attributes }) => attributes["stroke-dasharray"])).toHaveLength(1);
  });

  test("refuses", () => {
    const draw = (row: object) => forestPlot({ title: "t", x: { label: "x" }, rows: [{ ...rows[0]!, ...row }] });
    expect(() => draw({ estimate: 1 })).toThrowError(outOfRange(/low ≤ estimate ≤ high/));
    expect(() => draw({ high: Infinity })).toThrowError(outOfRange(/finite/));
    expect(() => forestPlot({ title: "t", x: { label: "x" }, rows: [] })).toThrowError(outOfRange(/no finite number/));
  });

  test("law: plain and whole whatever the values", () => {
    const row = fc.tuple(number, number, number, fc.string()).map(([a, b, c, label]) => {
      const [low, estimate, high] = [a, b, c].sort((x, y) => x - y) as [number, number, number];
      return { label, low, estimate, high };
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), fc.string(), (list, title) => {
        const svg = forestPlot({ title, x: { label: title }, rows: list });
        expect(isPlainSvg(svg)).toBe(true);
        expect(elements(parseXml(svg), "rect")).toHaveLength(list.length);
      }),
    );
  });
});

describe("doseChart", () => {
  const result = (name: string, restorer: string, dose: number, value: number) => ({
    case: name,
    restorer,
    dose,
    value,
    metric: "psnr",
  });
  const results = [
    result("a", "low dose", 0.1, 20),
    result("b", "low dose", 0.1, 22),
    result("a", "low dose", 0.5, 30),
    result("b", "low dose", 0.5, Number.NaN),
    result("a", "restored", 0.1, 25),
    result("a", "restored", 0.5, Infinity),
  ];

  test("means over cases by dose; what is undefined or infinite has no point", () => {
    const svg = parseXml(
      doseChart(results, {
        title: "t",
        metric: "psnr",
        label: "PSNR (dB)",
        baseline: "low dose",
        interval: (v) => [v[0]! - 1, v[0]! + 1],
      }),
    );
    const dashed = elements(svg, "path").filter(({ attributes }) => attributes["stroke-dasharray"]);
    expect(dashed).toHaveLength(1);
    expect(dashed[0]!.attributes["d"]!.split("L")).toHaveLength(2);
    expect(elements(svg, "text").map(textOf)).toContain("PSNR (dB)");
    // Markers: two of the low dose, one of the restored, and one beside each name.
    const markers = elements(svg, "path").filter(
      ({ attributes }) => attributes["fill"] === "currentColor" && !attributes["opacity"],
    );
    expect(markers).toHaveLength(5);
  });

  test("refuses as doseTable", () => {
    expect(() => doseChart(results, { title: "t", metric: "ssim" })).toThrowError(outOfRange(/"psnr"/));
  });
});
