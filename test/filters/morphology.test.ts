import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { close } from "../../src/filters/close.js";
import { dilate } from "../../src/filters/dilate.js";
import { erode } from "../../src/filters/erode.js";
import type { MorphologyOptions } from "../../src/filters/growth.js";
import { open } from "../../src/filters/open.js";
import { createGrid, createMask, type Mask, type Vec3 } from "../../src/index.js";
import { mask, maskOf } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { slowDilate, slowDistances } from "./oracles.js";

interface GoldenMasks {
  shape: Vec3;
  mask: Uint8Array;
  morphology: { connectivity: 6 | 18 | 26; iterations: number; dilate: Uint8Array; erode: Uint8Array; close: Uint8Array }[];
}
const reference = golden<GoldenMasks>("filters/masks");
const connectivity = () => fc.constantFrom(6 as const, 18 as const, 26 as const);
const reach = (): fc.Arbitrary<MorphologyOptions> =>
  fc.oneof(
    fc.record({ radiusMm: fc.double({ min: 0, max: 12, noNaN: true }) }),
    fc.record({ iterations: fc.nat(3), connectivity: connectivity() }),
  );
const complement = (m: Mask): Mask =>
  createMask(
    m.data.map((v) => 1 - v),
    m.grid,
  );
const within = (a: Mask, b: Mask) => a.data.every((v, i) => v <= b.data[i]!);

describe("dilate, erode, open, close", () => {
  test("examples", () => {
    const m = maskOf(".....\n.....\n..#..\n.....\n.....");
    expect(dilate(m).data).toEqual(maskOf(".....\n..#..\n.###.\n..#..\n.....").data);
    expect(dilate(m, { connectivity: 26 }).data).toEqual(maskOf(".....\n.###.\n.###.\n.###.\n.....").data);
    expect(dilate(m, { radiusMm: 2 }).data).toEqual(maskOf("..#..\n.###.\n#####\n.###.\n..#..").data);
    expect(erode(dilate(m, { radiusMm: 2 }), { radiusMm: 1 }).data).toEqual(maskOf(".....\n..#..\n.###.\n..#..\n.....").data);
    expect(open(maskOf("......\n.###..\n.####.\n.###..\n......")).data).toEqual(
      maskOf("......\n..##..\n.####.\n..##..\n......").data,
    );
    expect(close(maskOf(".......\n..#.#..\n......."), { connectivity: 26 }).data[10]).toBe(1);
  });

  test("a ball is one of mm, and holds the voxels at its surface", () => {
    const point = createMask([0, 0, 0, 0, 1, 0, 0, 0, 0], createGrid({ shape: [9, 1, 1], spacingMm: [0.1, 1, 1] }));
    expect([...dilate(point, { radiusMm: 0.3 }).data]).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 0]);
  });

  test("the grid's edge erodes nothing", () => {
    expect([...erode(maskOf("##\n##")).data]).toEqual([1, 1, 1, 1]);
    expect([...erode(maskOf("###.")).data]).toEqual([1, 1, 0, 0]);
  });

  test("closing fills nothing towards the grid's edge", () => {
    expect([...close(maskOf("..#..#.."), { radiusMm: 4 }).data]).toEqual([0, 0, 1, 1, 1, 1, 0, 0]);
  });

  test("refuses", () => {
    const m = maskOf("#");
    for (const f of [dilate, erode, open, close]) {
      expect(() => f(m, { radiusMm: -1 })).toThrowError(/radiusMm/);
      expect(() => f(m, { radiusMm: 1, iterations: 2 })).toThrowError(/not both/);
      expect(() => f(m, { radiusMm: 1, connectivity: 6 })).toThrowError(/not both/);
      expect(() => f(m, { iterations: 1.5 })).toThrowError(/iterations/);
      expect(() => f(m, { connectivity: 4 as 6 })).toThrowError(/connectivity/);
    }
  });

  test.each(reference.morphology)("golden: scipy.ndimage, $connectivity, $iterations steps", (expected) => {
    const m = createMask(reference.mask, createGrid({ shape: reference.shape }));
    const { connectivity, iterations } = expected;
    expect(dilate(m, { connectivity, iterations }).data).toEqual(expected.dilate);
    expect(erode(m, { connectivity, iterations }).data).toEqual(expected.erode);
    expect(close(m, { connectivity, iterations }).data).toEqual(expected.close);
  });

  describe("laws", () => {
    test("a step is to all that touch; a ball is all within its radius", () =>
      fc.assert(
        fc.property(mask(5), connectivity(), fc.double({ min: 0, max: 10, noNaN: true }), (m, c, radiusMm) => {
          expect(dilate(m, { connectivity: c }).data).toEqual(slowDilate(m, c));
          const slow = slowDistances(m);
          dilate(m, { radiusMm }).data.forEach((v, i) => {
            if (Math.abs(slow[i]! - radiusMm) > 1e-5) expect(v).toBe(slow[i]! <= radiusMm ? 1 : 0);
          });
        }),
      ));

    test("erode(M) = ¬dilate(¬M); erode ⊆ open ⊆ M ⊆ close ⊆ dilate", () =>
      fc.assert(
        fc.property(mask(), reach(), (m, options) => {
          const [e, o, c, d] = [erode(m, options), open(m, options), close(m, options), dilate(m, options)];
          expect(e.data).toEqual(complement(dilate(complement(m), options)).data);
          expect(within(e, o) && within(o, m) && within(m, c) && within(c, d)).toBe(true);
        }),
      ));

    test("opening or closing twice is the same as once", () =>
      fc.assert(
        fc.property(mask(), reach(), (m, options) => {
          const [o, c] = [open(m, options), close(m, options)];
          expect(open(o, options).data).toEqual(o.data);
          expect(close(c, options).data).toEqual(c.data);
        }),
      ));

    test("a larger radius grows more; none changes nothing; n steps are one after another", () =>
      fc.assert(
        fc.property(mask(), fc.double({ min: 0, max: 6, noNaN: true }), connectivity(), (m, r, c) => {
          expect(within(dilate(m, { radiusMm: r }), dilate(m, { radiusMm: r + 1 }))).toBe(true);
          expect(dilate(m, { radiusMm: 0 }).data).toEqual(m.data);
          expect(dilate(m, { iterations: 0 }).data).toEqual(m.data);
          const twice = dilate(dilate(m, { connectivity: c }), { connectivity: c });
          expect(dilate(m, { connectivity: c, iterations: 2 }).data).toEqual(twice.data);
        }),
      ));
  });
});
