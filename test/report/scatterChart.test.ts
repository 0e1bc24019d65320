import { describe, expect, test } from "vitest";
import { scatterChart } from "../../src/report/index.js";
import { isPlainSvg } from "../../src/report/plainSvg.js";

const options = { title: "Embedding", x: { label: "PC 1" }, y: { label: "PC 2" }, valueLabel: "dose" };

describe("scatterChart", () => {
  test("colours go from blue to vermilion", () => {
    const svg = scatterChart({
      ...options,
      points: [
        { x: 0, y: 0, value: 0.1 },
        { x: 1, y: 1, value: 1 },
        { x: 2, y: 0, value: 0.55 },
      ],
    });
    const dots = [...svg.matchAll(/r="3.5" fill="(#\w+)"/g)].map((match) => match[1]);
    expect(dots).toEqual(["#0072b2", "#d55e00", "#6b6859"]);
    expect(isPlainSvg(svg)).toBe(true);
    expect(svg).toContain("3 points of PC 2 against PC 1, coloured by dose from 0.1 to 1.");
  });

  test("a point without a place is left out, a value that is the same everywhere has one colour", () => {
    const svg = scatterChart({
      ...options,
      points: [
        { x: 0, y: 0, value: 3 },
        { x: Number.NaN, y: 1, value: 3 },
        { x: 1, y: 1, value: 3 },
      ],
    });
    expect(svg.match(/r="3.5"/g)).toHaveLength(2);
    expect(new Set([...svg.matchAll(/circle[^>]*fill="(#\w+)"/g)].map((match) => match[1]))).toEqual(new Set(["#0072b2"]));
  });

  test("refuses no point, and a value that is no number", () => {
    expect(() => scatterChart({ ...options, points: [] })).toThrowError(/no finite number/);
    expect(() => scatterChart({ ...options, points: [{ x: 0, y: 0, value: Number.NaN }] })).toThrowError(/finite dose/);
  });
});
