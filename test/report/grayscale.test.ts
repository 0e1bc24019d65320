import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { colorTable } from "../../src/report/colormap.js";
import { grayscale } from "../../src/report/grayscale.js";
import { intensity } from "../support/arbitraries.js";

describe("grayscale", () => {
  test("examples: low is black, high is white, beyond is clamped, NaN is black", () => {
    const values = Float32Array.of(100, 200, 150, -5, 900, Number.NaN, Infinity, -Infinity);
    expect([...grayscale(values, { window: { low: 100, high: 200 } })]).toEqual([0, 255, 128, 0, 255, 0, 255, 0]);
  });

  test("refuses", () => {
    for (const window of [
      { low: 1, high: 1 },
      { low: 2, high: 1 },
      { low: Number.NaN, high: 1 },
      { low: 0, high: Infinity },
    ])
      expect(() => grayscale(new Float32Array(1), { window })).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });

  test("laws: monotone, and a common gain and offset of values and window change nothing by more than a step", () => {
    fc.assert(
      fc.property(
        fc.array(intensity(), { minLength: 1 }),
        intensity(),
        fc.integer({ min: 1, max: 1000 }),
        (values, low, width) => {
          const sorted = Float32Array.from(values).sort();
          const window = { low, high: low + width };
          const gray = grayscale(sorted, { window });
          gray.forEach((g, i) => i > 0 && expect(g).toBeGreaterThanOrEqual(gray[i - 1]!));
          const scaled = grayscale(
            sorted.map((v) => 2 * v + 8),
            { window: { low: 2 * low + 8, high: 2 * (low + width) + 8 } },
          );
          // 2·v + 8 is rounded to float32, which may carry a value over the edge of a step.
          scaled.forEach((g, i) => expect(Math.abs(g - gray[i]!)).toBeLessThanOrEqual(1));
        },
      ),
    );
  });
});

describe("the diverging map", () => {
  const table = colorTable("diverging");
  const color = (step: number) => [...table.subarray(3 * step, 3 * step + 3)] as [number, number, number];
  /** CIE luminance of an sRGB colour: what is left for a reader who sees no colour. */
  const luminance = (rgb: readonly number[]) => {
    const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };

  test("is blue at the low end, near white in the middle, red at the high end", () => {
    const [low, middle, high] = [color(0), color(128), color(255)];
    expect(low[2]).toBeGreaterThan(low[0] + 80);
    expect(high[0]).toBeGreaterThan(high[2] + 80);
    expect(Math.min(...middle)).toBeGreaterThan(235);
  });

  test("darkens from the middle to both ends, about alike on both sides", () => {
    for (let step = 0; step < 127; step++) {
      expect(luminance(color(step))).toBeLessThan(luminance(color(step + 1)));
      expect(luminance(color(255 - step))).toBeLessThan(luminance(color(254 - step)));
      expect(Math.abs(luminance(color(step)) - luminance(color(255 - step)))).toBeLessThan(0.06);
    }
  });
});
