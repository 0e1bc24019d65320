import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromBfloat16, fromFloat16, toFloat16 } from "../../src/model/float16.js";
import { golden } from "../support/golden.js";

/** Every float16, by the definition: sign, 5 bits of exponent, 10 of fraction. */
const all = Array.from({ length: 0x7c00 }, (_, bits) => {
  const [exponent, fraction] = [bits >> 10, bits & 0x3ff];
  return exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
});

/** Looks for the nearest of all float16; of two that are as near, the even one. */
function nearest(value: number): number {
  const [magnitude, sign] = [Math.abs(value), value < 0 || Object.is(value, -0) ? 0x8000 : 0];
  let [low, high] = [0, all.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (all[middle]! <= magnitude) low = middle;
    else high = middle;
  }
  const [below, above] = [magnitude - all[low]!, all[high]! - magnitude];
  return sign | (below < above || (below === above && low % 2 === 0) ? low : high);
}

const halfOf = (value: number) => toFloat16(Float32Array.of(value))[0]!;

describe("float16", () => {
  test("examples", () => {
    expect([0, -0, 1, -2, 65504, 2 ** -24, 2 ** -14, 1 / 3].map(halfOf)).toEqual([
      0, 0x8000, 0x3c00, 0xc000, 0x7bff, 1, 0x0400, 0x3555,
    ]);
    expect([Infinity, -Infinity].map(halfOf)).toEqual([0x7c00, 0xfc00]);
    expect(fromFloat16(toFloat16(Float32Array.of(Number.NaN)))).toEqual(Float32Array.of(Number.NaN));
    // Halfway between two float16, the even one.
    expect([1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 3 * 2 ** -25].map(halfOf)).toEqual([0x3c00, 0x3c02, 0, 2]);
    expect(fromBfloat16(Uint16Array.of(0x3f80, 0xc000))).toEqual(Float32Array.of(1, -2));
  });

  test("law: there and back is exact for every float16", () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, n) => n).filter((n) => (n & 0x7fff) <= 0x7c00);
    const back = toFloat16(fromFloat16(bits));
    expect(bits.findIndex((half, n) => back[n] !== half)).toBe(-1);
    const values = fromFloat16(bits.subarray(0, all.length));
    expect(all.findIndex((value, n) => values[n] !== value)).toBe(-1);
  });

  test("law: the nearest float16, ties to even", () => {
    const single = fc.oneof(
      fc.float({ min: -65504, max: 65504, noNaN: true }),
      fc.float({ min: Math.fround(-(2 ** -13)), max: Math.fround(2 ** -13), noNaN: true }),
      fc.nat(all.length - 2).map((n) => (all[n]! + all[n + 1]!) / 2),
    );
    fc.assert(
      fc.property(single, (value) => {
        expect(halfOf(value)).toBe(nearest(Math.fround(value)));
      }),
      { numRuns: 2000 },
    );
  });

  test("agrees with NumPy", () => {
    const { values, bits } = golden<{ values: Float32Array; bits: Int32Array }>("model/float16");
    expect(values.length).toBeGreaterThan(1500);
    expect([...toFloat16(values)]).toEqual([...bits]);
  });

  test("refuses what would become infinite", () => {
    expect(halfOf(65519)).toBe(0x7bff);
    for (const value of [65520, -70000, 3e38])
      expect(() => halfOf(value)).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });
});
