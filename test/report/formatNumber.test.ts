import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatNumber, formatPValue } from "../../src/report/formatNumber.js";

describe("formatNumber", () => {
  test("examples", () => {
    expect(formatNumber(2.71428, { decimals: 2 })).toBe("2.71");
    expect(formatNumber(-1.26, { decimals: 1 })).toBe("−1.3");
    expect(formatNumber(2, { decimals: 2 })).toBe("2.00");
    expect(formatNumber(0.123456)).toBe("0.1235");
    expect(formatNumber(187)).toBe("187");
    expect(formatNumber(123456)).toBe("123456");
    expect(formatNumber(-1.5e-9)).toBe("−1.5e−9");
    expect(formatNumber(1.5e-9)).toBe("1.5e−9");
  });

  test("what is not finite is named, and no zero is negative", () => {
    expect([Number.NaN, Infinity, -Infinity].map((v) => formatNumber(v, { decimals: 1 }))).toEqual(["NaN", "∞", "−∞"]);
    expect(formatNumber(-0.004, { decimals: 2 })).toBe("0.00");
    expect(formatNumber(-0)).toBe("0");
  });

  test("law: reads back to within half of the last decimal", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 6 }), (value, decimals) => {
        const read = Number(formatNumber(value, { decimals }).replace("−", "-"));
        // The decimal text is itself rounded to a double when it is read.
        expect(Math.abs(read - value)).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-9);
      }),
    );
  });
});

describe("formatPValue", () => {
  test("as in Bône's tables", () => {
    expect([0.0004, 0.008, 0.0196, 0.15, 0.995, 1, Number.NaN].map(formatPValue)).toEqual([
      "<0.001",
      "0.008",
      "0.02",
      "0.15",
      ">0.99",
      ">0.99",
      "n/a",
    ]);
  });
});
