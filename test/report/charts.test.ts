import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createScale, niceTicks } from "../../src/report/axis.js";
import { spread } from "../../src/report/chartFrame.js";
import { histogramChart } from "../../src/report/histogramChart.js";
import { type LineChartOptions, lineChart } from "../../src/report/lineChart.js";
import { isPlainSvg } from "../../src/report/plainSvg.js";
import { elements, parseXml, textOf } from "./oracles.js";

const simple: LineChartOptions = {
  title: "PSNR by dose",
  x: { label: "dose", percent: true },
  y: { label: "PSNR (dB)" },
  series: [
    {
      name: "low dose",
      dashed: true,
      points: [
        { x: 0.1, y: 20 },
        { x: 0.2, y: 30 },
        { x: 0.3, y: 25 },
      ],
    },
    {
      name: "restored",
      points: [
        { x: 0.1, y: 22, low: 21, high: 24 },
        { x: 0.2, y: 31, low: 30, high: 33 },
      ],
    },
  ],
};
const outOfRange = (message: RegExp) =>
  expect.objectContaining({ code: "out-of-range", message: expect.stringMatching(message) });
const inRange = fc.double({ min: -1e12, max: 1e12, noNaN: true });

describe("niceTicks", () => {
  test("examples", () => {
    expect(niceTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(niceTicks(0.3, 9.6, 5)).toEqual([2, 4, 6, 8]);
    expect(niceTicks(-30, 100, 6)).toEqual([-20, 0, 20, 40, 60, 80, 100]);
  });

  test("law: rising, within the range, equally far apart by 1, 2 or 5 times a power of ten", () => {
    fc.assert(
      fc.property(
        inRange,
        fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
        fc.integer({ min: 2, max: 10 }),
        (low, size, count) => {
          fc.pre(size > 1e-6 * Math.abs(low));
          const ticks = niceTicks(low, low + size, count);
          // A range that just misses a tick at each end may hold one alone.
          const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : size;
          const slack = 1e-6 * step + 1e-12 * Math.abs(low);
          expect(ticks.length).toBeGreaterThanOrEqual(1);
          expect(ticks.length).toBeLessThanOrEqual(2 * count + 1);
          expect(ticks[0]).toBeGreaterThanOrEqual(low - slack);
          expect(ticks.at(-1)).toBeLessThanOrEqual(low + size + slack);
          if (ticks.length > 1) {
            const digits = step / 10 ** Math.floor(Math.log10(step) + 1e-6);
            expect([1, 2, 5].some((d) => Math.abs(digits - d) < 1e-3)).toBe(true);
          }
        },
      ),
    );
  });
});

describe("createScale", () => {
  test("widens the data's range to round numbers, and gives a single value room", () => {
    expect(createScale({ label: "" }, [0.3, 9.6], 0, 100, 5)).toMatchObject({ low: 0, high: 10 });
    const single = createScale({ label: "" }, [5], 0, 100, 5);
    expect(single.low).toBeLessThan(5);
    expect(single.high).toBeGreaterThan(5);
  });

  test("logarithmic: a decade is a decade", () => {
    const { position, ticks } = createScale({ label: "", scale: "log", range: [0.01, 100] }, [], 0, 400, 5);
    expect([0.01, 0.1, 1, 10, 100].map(position).map(Math.round)).toEqual([0, 100, 200, 300, 400]);
    expect(ticks.map(({ label }) => label)).toEqual(["0.01", "0.1", "1", "10", "100"]);
  });

  test("labels: as many decimals on one axis, per cent, powers of ten", () => {
    const labels = (axis: object, values: number[]) =>
      createScale({ label: "", ...axis }, values, 0, 1, 4).ticks.map((t) => t.label);
    expect(labels({}, [0, 1])).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    expect(labels({ percent: true }, [0, 1])).toEqual(["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]);
    expect(labels({}, [-4, 4])).toEqual(["−4", "−2", "0", "2", "4"]);
    expect(labels({}, [0, 2e6])).toEqual(["0", "500000", "1e6", "1.5e6", "2e6"]);
  });

  test("refuses", () => {
    expect(() => createScale({ label: "y" }, [Number.NaN], 0, 1, 4)).toThrowError(outOfRange(/"y"/));
    expect(() => createScale({ label: "y", scale: "log" }, [-1, 0], 0, 1, 4)).toThrowError(outOfRange(/positive/));
    expect(() => createScale({ label: "y", range: [1, 1] }, [], 0, 1, 4)).toThrowError(outOfRange(/rise/));
    expect(() => createScale({ label: "y", range: [0, 1], scale: "log" }, [], 0, 1, 4)).toThrowError(outOfRange(/positive/));
  });

  test("law: every value lies between the ends, in order", () => {
    fc.assert(
      fc.property(fc.array(inRange, { minLength: 1 }), (values) => {
        const { position } = createScale({ label: "" }, values, 10, 110, 5);
        const at = [...values].sort((a, b) => a - b).map(position);
        at.forEach((p, i) => {
          expect(p).toBeGreaterThanOrEqual(10 - 1e-6);
          expect(p).toBeLessThanOrEqual(110 + 1e-6);
          if (i > 0) expect(p).toBeGreaterThanOrEqual(at[i - 1]!);
        });
      }),
    );
  });
});

describe("spread", () => {
  test("law: labels keep their order, their distance as far as there is room, and stay inside", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -50, max: 500, noNaN: true }), { minLength: 1, maxLength: 12 }), (wanted) => {
        const placed = spread(wanted, 16, 0, 300);
        const room = Math.min(16, 300 / Math.max(1, wanted.length - 1)) - 1e-9;
        const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
        order.forEach((i, rank) => {
          expect(placed[i]).toBeGreaterThanOrEqual(-1e-9);
          expect(placed[i]).toBeLessThanOrEqual(300 + 1e-9);
          if (rank > 0) expect(placed[i]! - placed[order[rank - 1]!]!).toBeGreaterThanOrEqual(room);
        });
      }),
    );
  });
});

describe("lineChart", () => {
  test("is a named image with its texts in it", () => {
    const svg = parseXml(lineChart(simple));
    expect(svg.attributes).toMatchObject({ role: "img", viewBox: "0 0 640 400" });
    expect(textOf(elements(svg, "title")[0]!)).toBe("PSNR by dose");
    const texts = elements(svg, "text").map(textOf);
    for (const text of ["PSNR by dose", "dose", "PSNR (dB)", "low dose", "restored", "10 %", "30 %"])
      expect(texts).toContain(text);
  });

  test("points lie where the axes say, higher values higher up", () => {
    const svg = parseXml(lineChart(simple));
    const line = elements(svg, "path").find((p) => p.attributes["stroke-dasharray"])!;
    const points = line.attributes["d"]!.slice(1)
      .split("L")
      .map((p) => p.split(" ").map(Number));
    expect(points).toHaveLength(3);
    const [a, b, c] = points as [number[], number[], number[]];
    expect(c[0]! - b[0]!).toBeCloseTo(b[0]! - a[0]!, 1);
    // 20, 30, 25 on a linear axis: the third lies half way.
    expect(c[1]).toBeCloseTo((a[1]! + b[1]!) / 2, 1);
    expect(b[1]).toBeLessThan(a[1]!);
    const tick = elements(svg, "text").find((t) => textOf(t) === "30")!;
    expect(Number(tick.attributes["y"]) - 4).toBeCloseTo(b[1]!, 1);
  });

  test("intervals are a band or bars; a point that is not finite breaks the line", () => {
    const band = elements(parseXml(lineChart(simple)), "path").filter((p) => p.attributes["opacity"] === "0.16");
    expect(band).toHaveLength(1);
    expect(lineChart({ ...simple, intervals: "bars" })).toContain("h8");
    const broken = { name: "", points: [1, 2, Number.NaN, 4, Infinity, 6].map((y, x) => ({ x, y })) };
    const svg = parseXml(lineChart({ ...simple, series: [broken] }));
    const line = elements(svg, "path").find((p) => p.attributes["fill"] === "none")!;
    expect(line.attributes["d"]!.match(/M/g)).toHaveLength(1);
    expect(elements(svg, "path").filter((p) => p.attributes["fill"] === "currentColor")).toHaveLength(4);
  });

  test("refuses", () => {
    expect(() => lineChart({ ...simple, series: [] })).toThrowError(outOfRange(/no finite number/));
    expect(() =>
      lineChart({ ...simple, y: { label: "y", scale: "log" }, series: [{ name: "", points: [{ x: 1, y: 0 }] }] }),
    ).toThrowError(outOfRange(/logarithmic/));
  });

  test("law: well-formed, plain, without NaN, whatever is drawn", () => {
    const point = fc.record({ x: fc.double(), y: fc.double() });
    const series = fc.record({ name: fc.string({ unit: "binary" }), points: fc.array(point), dashed: fc.boolean() });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.array(series, { minLength: 1, maxLength: 8 }), (title, list) => {
        fc.pre(list.some((s) => s.points.some((p) => Math.abs(p.x) < 1e290 && Math.abs(p.y) < 1e290)));
        const svg = lineChart({ title, x: { label: title }, y: { label: title }, series: list });
        const root = parseXml(svg);
        expect(isPlainSvg(svg)).toBe(true);
        const numbers = elements(root, "path")
          .map((p) => p.attributes["d"])
          .join(" ");
        expect(numbers).not.toMatch(/NaN|Infinity/);
      }),
    );
  });
});

describe("histogramChart", () => {
  const series = { name: "T1", counts: [0, 10, 5, 0], low: 0, binWidth: 10, peaks: [{ x: 15, label: "peak" }, { x: 900 }] };

  test("steps at the bins' edges, peaks marked, names shown", () => {
    const svg = parseXml(histogramChart({ title: "h", x: { label: "intensity", range: [0, 40] }, series: [series] }));
    const d = elements(svg, "path").find((p) => p.attributes["stroke-width"] === "1.5")!.attributes["d"]!;
    const edges = [...d.matchAll(/H([\d.]+)/g)].map(([, x]) => Number(x));
    const levels = [...d.matchAll(/V([\d.]+)/g)].map(([, y]) => Number(y));
    expect(edges).toHaveLength(4);
    edges.slice(1).forEach((x, i) => expect(x - edges[i]!).toBeCloseTo(edges[1]! - edges[0]!, 1));
    expect(levels[1]).toBeLessThan(levels[2]!);
    expect(levels[0]).toBe(levels[3]);
    // Half of the highest count is half as high.
    expect(levels[2]).toBeCloseTo((levels[0]! + levels[1]!) / 2, 1);
    const texts = elements(svg, "text").map(textOf);
    expect(texts).toContain("peak");
    expect(texts).toContain("T1");
    expect(elements(svg, "path").filter((p) => p.attributes["d"]!.endsWith("l-4 -7h8z"))).toHaveLength(1);
  });

  test("on a logarithmic axis empty bins lie at the bottom", () => {
    const svg = histogramChart({ title: "h", x: { label: "v" }, y: { label: "voxels", scale: "log" }, series: [series] });
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(isPlainSvg(svg)).toBe(true);
  });

  test("refuses", () => {
    const draw = (change: object) => histogramChart({ title: "h", x: { label: "v" }, series: [{ ...series, ...change }] });
    expect(() => draw({ counts: [1, -1] })).toThrowError(outOfRange(/counts/));
    expect(() => draw({ counts: [Number.NaN] })).toThrowError(outOfRange(/counts/));
    expect(() => draw({ counts: [] })).toThrowError(outOfRange(/bin/));
    expect(() => draw({ binWidth: 0 })).toThrowError(outOfRange(/binWidth/));
  });
});
