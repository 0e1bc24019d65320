import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distancesAt, distanceTransform } from "../../src/filters/distanceTransform.js";
import { createGrid, createMask, isGadoliniteError, spacingMm, type Vec3 } from "../../src/index.js";
import { grid, mask, maskOf, maskOn } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { eachVoxel } from "../support/oracles.js";
import { slowDistances } from "./oracles.js";

interface GoldenMasks {
  shape: Vec3;
  spacingMm: Vec3;
  sparse: Uint8Array;
  distance: Float64Array;
}
const reference = golden<GoldenMasks>("filters/masks");

describe("distanceTransform", () => {
  test("examples", () => {
    const { data } = distanceTransform(maskOf("#...\n....\n...."));
    expect([...data.map((d) => d * d)].map(Math.round)).toEqual([0, 1, 4, 9, 1, 2, 5, 10, 4, 5, 8, 13]);
  });

  test("Infinity everywhere for an empty mask, 0 for a full one", () => {
    expect([...distanceTransform(maskOf("..\n..")).data]).toEqual([Infinity, Infinity, Infinity, Infinity]);
    expect([...distanceTransform(maskOf("##\n##")).data]).toEqual([0, 0, 0, 0]);
  });

  test("refuses a sheared grid", () => {
    const sheared = createGrid({ shape: [2, 1, 1], affine: [1, 0.3, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] });
    try {
      distanceTransform(createMask([1, 0], sheared));
      expect.unreachable();
    } catch (error) {
      expect(isGadoliniteError(error, "unsupported")).toBe(true);
    }
  });

  test("golden: scipy.ndimage.distance_transform_edt with sampling", () => {
    const given = createMask(reference.sparse, createGrid({ shape: reference.shape, spacingMm: reference.spacingMm }));
    distanceTransform(given).data.forEach((d, i) => {
      expect(Math.abs(d - reference.distance[i]!)).toBeLessThanOrEqual(2 ** -23 * reference.distance[i]!);
    });
  });

  test("equals brute force to float32, on any grid", () =>
    fc.assert(
      fc.property(mask(), (m) => {
        const slow = slowDistances(m);
        distanceTransform(m).data.forEach((d, i) => {
          // One rounding to float32, and one more where float64 sums fall on either side of its middle.
          if (d !== slow[i]) expect(Math.abs(d - slow[i]!)).toBeLessThanOrEqual(2 ** -23 * slow[i]!);
        });
      }),
    ));

  test("at some voxels: the same as everywhere", () =>
    fc.assert(
      fc.property(mask(), fc.infiniteStream(fc.boolean()), (m, chosen) => {
        const at = Uint32Array.from(m.data.keys()).filter(() => chosen.next().value);
        const slow = slowDistances(m);
        distancesAt(m, at).forEach((d, n) => {
          const exact = slow[at[n]!]!;
          if (d !== exact) expect(Math.abs(d - exact)).toBeLessThanOrEqual(2 ** -23 * exact);
        });
      }),
    ));

  test("few voxels far apart, on lines of up to 40", () =>
    fc.assert(
      fc.property(
        fc.array(fc.nat(40 * 12 * 2 - 1), { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0.1, max: 9, noNaN: true }),
        (at, si) => {
          const g = createGrid({ shape: [40, 12, 2], spacingMm: [si, 1, 3] });
          const inside = new Uint8Array(960);
          for (const v of at) inside[v] = 1;
          const m = createMask(inside, g);
          const slow = slowDistances(m);
          distanceTransform(m).data.forEach((d, i) => {
            expect(Math.abs(d - slow[i]!)).toBeLessThanOrEqual(2 ** -23 * slow[i]!);
          });
        },
      ),
      { numRuns: 30 },
    ));

  test("0 exactly on the mask; a larger mask is nearer; neighbours differ by their spacing at most", () =>
    fc.assert(
      fc.property(
        grid().chain((g) => fc.tuple(maskOn(g), maskOn(g))),
        ([a, b]) => {
          const union = createMask(
            a.data.map((v, i) => v | b.data[i]!),
            a.grid,
          );
          const [da, du] = [distanceTransform(a).data, distanceTransform(union).data];
          const [ni] = a.grid.shape;
          const step = spacingMm(a.grid)[0] * (1 + 1e-6);
          eachVoxel(a.grid.shape, (i, _j, _k, v) => {
            expect(da[v] === 0).toBe(a.data[v] === 1);
            expect(du[v]!).toBeLessThanOrEqual(da[v]!);
            if (i + 1 < ni && da[v]! < Infinity) expect(Math.abs(da[v + 1]! - da[v]!)).toBeLessThanOrEqual(step + 1e-6 * da[v]!);
          });
        },
      ),
    ));

  test("a point moved by n voxels lies n spacings off", () =>
    fc.assert(
      fc.property(grid(9), fc.nat(8), fc.nat(8), (g, from, to) => {
        const [a, b] = [from % g.shape[2], to % g.shape[2]];
        const plane = g.shape[0] * g.shape[1];
        const point = new Uint8Array(plane * g.shape[2]);
        point[a * plane] = 1;
        const d = distanceTransform(createMask(point, g)).data[b * plane]!;
        expect(d).toBe(Math.fround(Math.abs(a - b) * spacingMm(g)[2]));
      }),
    ));
});
