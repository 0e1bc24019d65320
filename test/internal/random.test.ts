import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom, fillNormal, philox4x32 } from "../../src/internal/random.js";
import { seed } from "../support/arbitraries.js";

describe("random", () => {
  // Known-answer vectors of Random123 (kat_vectors, philox4x32 10 rounds).
  test.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [Array(4).fill(0xffffffff), Array(2).fill(0xffffffff), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])("Philox4x32-10 of counter %j", (counter, key, expected) => {
    const out = new Uint32Array(4);
    philox4x32(out, counter[0]!, counter[1]!, counter[2]!, counter[3]!, key[0]!, key[1]!);
    expect([...out]).toEqual(expected);
  });

  test("any part of a field is the same as in the whole", () =>
    fc.assert(
      fc.property(seed(), fc.nat(3), fc.nat(20), fc.nat(30), (s, stream, blocks, length) => {
        const whole = new Float32Array(4 * blocks + length);
        const part = new Float32Array(length);
        fillNormal(whole, s, stream);
        fillNormal(part, s, stream, 4 * blocks);
        expect(part).toEqual(whole.subarray(4 * blocks));
      }),
    ));

  test("normal numbers have the moments of a normal, and streams are unrelated", () => {
    const n = 1 << 18;
    const [a, b] = [new Float32Array(n), new Float32Array(n)];
    fillNormal(a, 7, 0);
    fillNormal(b, 7, 1);
    const mean = (f: (i: number) => number) => a.reduce((sum, _, i) => sum + f(i), 0) / n;
    const within = 5 / Math.sqrt(n);
    expect(Math.abs(mean((i) => a[i]!))).toBeLessThan(within);
    expect(Math.abs(mean((i) => a[i]! ** 2) - 1)).toBeLessThan(within * Math.SQRT2);
    expect(Math.abs(mean((i) => a[i]! ** 4) - 3)).toBeLessThan(within * Math.sqrt(96));
    expect(Math.abs(mean((i) => a[i]! * b[i]!))).toBeLessThan(within);
    expect(Math.abs(mean((i) => a[i]! * a[(i + 1) % n]!))).toBeLessThan(within);
  });

  test("a stream repeats, and stays inside its bounds", () =>
    fc.assert(
      fc.property(seed(), fc.integer({ min: 1, max: 9 }), (s, n) => {
        const [x, y] = [createRandom(s), createRandom(s)];
        for (let i = 0; i < 20; i++) {
          const u = x.uniform(2, 3);
          expect(u).toBe(y.uniform(2, 3));
          expect(u > 2 && u < 3).toBe(true);
          const k = x.integer(n);
          expect(k).toBe(y.integer(n));
          expect(k >= 0 && k < n && Number.isInteger(k)).toBe(true);
          expect(x.normal()).toBe(y.normal());
        }
      }),
    ));

  test.each([-1, 1.5, Number.NaN, 2 ** 53])("refuses seed %d", (s) => expect(() => createRandom(s)).toThrowError(/seed/));
});
