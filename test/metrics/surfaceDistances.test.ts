import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrid, createMask, type Mask, spacingMm, type Vec3 } from "../../src/index.js";
import {
  averageSurfaceDistance,
  dice,
  hausdorffDistance,
  type SurfaceConvention,
  surfaceDice,
  surfaceDistances,
  surfaceOverlap,
} from "../../src/metrics/index.js";
import { surfaceAreas } from "../../src/metrics/surfaceElements.js";
import { grid, maskOf, maskOn } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { eachVoxel } from "../support/oracles.js";
import { codeOf } from "./oracles.js";

const CONVENTIONS: readonly SurfaceConvention[] = ["medpy", "monai", "surface-distance"];
const convention = () => fc.constantFrom(...CONVENTIONS);
const pair = () => grid(6).chain((g) => fc.tuple(maskOn(g), maskOn(g)));
const isEmpty = (mask: Mask) => !mask.data.includes(1);
const withSpacing = (mask: Mask, spacing: Vec3) =>
  createMask(mask.data, createGrid({ shape: mask.grid.shape, spacingMm: spacing }));

/** A mask of one box of voxels on a grid of the given shape and spacing. */
const boxMask = (shape: Vec3, spacing: Vec3, start: Vec3, size: Vec3): Mask => {
  const data = new Uint8Array(shape[0] * shape[1] * shape[2]);
  eachVoxel(shape, (i, j, k, v) => {
    data[v] = [i, j, k].every((n, axis) => n >= start[axis]! && n < start[axis]! + size[axis]!) ? 1 : 0;
  });
  return createMask(data, createGrid({ shape, spacingMm: spacing }));
};

describe("surfaceDistances and what follows from them", () => {
  describe("DeepMind's own vectors", () => {
    const of = (a: Mask, b: Mask) => {
      const distances = surfaceDistances(a, b, { convention: "surface-distance" });
      const overlap = surfaceOverlap(distances, { toleranceMm: 1 });
      const { referenceToTest, testToReference } = averageSurfaceDistance(distances);
      return {
        average: [referenceToTest, testToReference],
        hd100: hausdorffDistance(distances),
        hd95: hausdorffDistance(distances, { percentile: 95 }),
        overlap: [overlap.reference, overlap.test],
        surfaceDice: surfaceDice(distances, { toleranceMm: 1 }),
        dice: dice(a, b),
      };
    };

    test("two voxels 2 mm apart", () => {
      for (const spacing of [
        [1, 2, 3],
        [1, 2, 1],
      ] as const) {
        const voxel = (i: number) => boxMask([20, 8, 8], spacing, [i, 4, 4], [1, 1, 1]);
        expect(of(voxel(7), voxel(9))).toEqual({
          average: [1.5, 1.5],
          hd100: 2,
          hd95: 2,
          overlap: [0.5, 0.5],
          surfaceDice: 0.5,
          dice: 0,
        });
      }
    });

    test("slabs of 50 and 51 voxels at the volume's border", () => {
      const slab = (size: number) => boxMask([100, 100, 100], [1, 1, 2], [0, 0, 0], [100, 100, size]);
      const { average, hd100, hd95, overlap, surfaceDice, dice } = of(slab(50), slab(51));
      expect([hd100, hd95]).toEqual([2, 2]);
      const expected = [0.322, 0.339, 0.842, 0.83, 0.836, 0.99];
      [...average, ...overlap, surfaceDice, dice].forEach((v, n) => {
        expect(v).toBeCloseTo(expected[n]!, 3);
      });
    });
  });

  test("a hollow square: every voxel is border, and the border of the volume counts", () => {
    const full = maskOf("### ### ###", "### ### ###", "### ### ###");
    const { distancesMm } = surfaceDistances(full, full, { convention: "medpy" }).referenceToTest;
    expect(distancesMm.length).toBe(26);
    expect([...distancesMm].every((d) => d === 0)).toBe(true);
  });

  test("HD95 differs by convention where a small component lies far off", () => {
    const a = boxMask([60, 12, 12], [1, 1, 1], [1, 1, 1], [10, 10, 10]);
    const b = createMask(a.data, a.grid);
    for (let i = 50; i < 56; i++) for (let j = 0; j < 6; j++) b.data[i + 60 * (j + 12 * 5)] = 1;
    const hd95 = (c: SurfaceConvention) => hausdorffDistance(a, b, { convention: c, percentile: 95 });
    expect(hd95("medpy")).toBe(0);
    expect(hd95("monai")).toBeGreaterThan(40);
    expect(hd95("surface-distance")).toBeGreaterThan(40);
  });

  test("empty masks, as each program has them", () => {
    const one = maskOf("#..", "...");
    const none = maskOf("...", "...");
    const results = (a: Mask, b: Mask, c: SurfaceConvention) => {
      const { referenceToTest, testToReference, symmetric } = averageSurfaceDistance(a, b, { convention: c });
      const { reference, test } = surfaceOverlap(a, b, { convention: c, toleranceMm: 1 });
      const at = surfaceDice(a, b, { convention: c, toleranceMm: 1 });
      return [hausdorffDistance(a, b, { convention: c }), referenceToTest, testToReference, symmetric, reference, test, at];
    };
    const no = Number.NaN;
    expect(results(one, none, "medpy")).toEqual([no, no, no, no, 0, no, 0]);
    expect(results(none, one, "medpy")).toEqual([no, no, no, no, no, 0, 0]);
    expect(results(none, none, "medpy")).toEqual([no, no, no, no, no, no, no]);
    expect(results(one, none, "monai")).toEqual([Infinity, Infinity, Infinity, Infinity, 0, no, 0]);
    expect(results(none, none, "monai")).toEqual([no, no, no, no, no, no, no]);
    expect(results(one, none, "surface-distance")).toEqual([Infinity, Infinity, no, Infinity, 0, no, 0]);
    expect(results(none, one, "surface-distance")).toEqual([Infinity, no, Infinity, Infinity, no, 0, 0]);
    expect(results(none, none, "surface-distance")).toEqual([Infinity, no, no, no, no, no, no]);
  });

  test("refuses", () => {
    const mask = maskOf("##");
    const options = { convention: "medpy" } as const;
    expect(codeOf(() => surfaceDistances(mask, maskOf("###"), options))).toBe("grid-mismatch");
    // biome-ignore lint/suspicious/noExplicitAny: a caller without types
    expect(() => surfaceDistances(mask, mask, { convention: "itk" as any })).toThrowError(/convention must be one of "medpy"/);
    const sheared = createMask([1, 1], createGrid({ shape: [2, 1, 1], affine: [1, 0.5, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }));
    expect(codeOf(() => surfaceDistances(sheared, sheared, options))).toBe("unsupported");
    for (const percentile of [-1, 101, Number.NaN])
      expect(() => hausdorffDistance(mask, mask, { ...options, percentile })).toThrowError(/percentile must lie/);
    for (const toleranceMm of [-1, Number.NaN])
      expect(() => surfaceDice(mask, mask, { ...options, toleranceMm })).toThrowError(/toleranceMm/);
  });

  describe("laws", () => {
    test("distances between border voxels equal brute force", () => {
      fc.assert(
        fc.property(pair(), ([a, b]) => {
          const { referenceToTest, testToReference } = surfaceDistances(a, b, { convention: "medpy" });
          expectDistances(referenceToTest.distancesMm, slowDistances(a, b));
          expectDistances(testToReference.distancesMm, slowDistances(b, a));
        }),
      );
    });

    test("Hausdorff, symmetric average and surface Dice are symmetric", () => {
      fc.assert(
        fc.property(pair(), convention(), ([a, b], c) => {
          const forth = surfaceDistances(a, b, { convention: c });
          const back = surfaceDistances(b, a, { convention: c });
          for (const percentile of [50, 95, 100])
            expect(hausdorffDistance(forth, { percentile })).toBe(hausdorffDistance(back, { percentile }));
          expect(surfaceDice(forth, { toleranceMm: 1 })).toEqual(surfaceDice(back, { toleranceMm: 1 }));
          const [p, q] = [averageSurfaceDistance(forth), averageSurfaceDistance(back)];
          expect(p).toEqual({ referenceToTest: q.testToReference, testToReference: q.referenceToTest, symmetric: q.symmetric });
        }),
      );
    });

    test("a mask lies on itself", () => {
      fc.assert(
        fc.property(pair(), convention(), ([a], c) => {
          fc.pre(!isEmpty(a));
          expect(hausdorffDistance(a, a, { convention: c })).toBe(0);
          expect(averageSurfaceDistance(a, a, { convention: c })).toEqual({
            referenceToTest: 0,
            testToReference: 0,
            symmetric: 0,
          });
          expect(surfaceDice(a, a, { convention: c, toleranceMm: 0 })).toBe(1);
        }),
      );
    });

    test("a box shifted by n voxels along an axis lies n spacings away", () => {
      const mm = fc.double({ min: 0.3, max: 3, noNaN: true });
      const cases = fc.tuple(fc.tuple(mm, mm, mm), fc.constantFrom(0, 1, 2), fc.integer({ min: 1, max: 3 }), convention());
      fc.assert(
        fc.property(cases, ([spacing, axis, n, c]) => {
          const shift = [0, 1, 2].map((a) => 2 + (a === axis ? n : 0)) as unknown as Vec3;
          const a = boxMask([12, 12, 12], spacing, [2, 2, 2], [4, 4, 4]);
          const b = boxMask([12, 12, 12], spacing, shift, [4, 4, 4]);
          // Distances are float32.
          expect(hausdorffDistance(a, b, { convention: c })).toBeCloseTo(n * spacing[axis]!, 5);
        }),
      );
    });

    test("margins around the masks change nothing, nor does where the grid lies", () => {
      fc.assert(
        fc.property(pair(), convention(), ([a, b], c) => {
          const shape = a.grid.shape.map((n) => n + 3) as unknown as Vec3;
          const padded = ({ data, grid: g }: Mask) => {
            const out = new Uint8Array(shape[0] * shape[1] * shape[2]);
            eachVoxel(g.shape, (i, j, k, v) => {
              out[i + 1 + shape[0] * (j + 2 + shape[1] * (k + 1))] = data[v]!;
            });
            return createMask(out, createGrid({ shape, spacingMm: spacingMm(g) }));
          };
          expect(surfaceDistances(padded(a), padded(b), { convention: c })).toEqual(surfaceDistances(a, b, { convention: c }));
        }),
      );
    });

    test("scales with the spacing", () => {
      fc.assert(
        fc.property(pair(), convention(), ([a, b], c) => {
          const single = withSpacing(a, [1, 2, 0.5]);
          const double = withSpacing(a, [2, 4, 1]);
          const hd = (x: Mask, s: Vec3) => hausdorffDistance(x, withSpacing(b, s), { convention: c, percentile: 90 });
          expect(hd(double, [2, 4, 1])).toEqual(2 * hd(single, [1, 2, 0.5]));
        }),
      );
    });
  });

  describe("equals SciPy on the whole grid", () => {
    type Numbers = { hd: number; hd95: number; asd: number; assd: number; dice?: number; area?: number };
    type Case = Record<SurfaceConvention, Numbers> & {
      shape: Vec3;
      spacing: Vec3;
      reference: Uint8Array;
      test: Uint8Array;
      voxelDice: number;
    };
    const stored = golden<{ cases: Record<string, Case>; areas: { spacing: Vec3; table: Float64Array } }>("metrics/surfaces");

    test.each(Object.entries(stored.cases))("%s", (_, { shape, spacing, reference, test: judged, voxelDice, ...expected }) => {
      const g = createGrid({ shape, spacingMm: spacing });
      const [a, b] = [createMask(reference, g), createMask(judged, g)];
      for (const c of CONVENTIONS) {
        const distances = surfaceDistances(a, b, { convention: c });
        const average = averageSurfaceDistance(distances);
        const { hd, hd95, asd, assd, dice: surface = voxelDice, area } = expected[c];
        // Distances and areas are float32.
        const actual = [
          hausdorffDistance(distances),
          hausdorffDistance(distances, { percentile: 95 }),
          average.testToReference,
          average.symmetric,
        ];
        [hd, hd95, asd, assd].forEach((v, n) => {
          expect(Math.abs(actual[n]! - v), `${c}, number ${n}`).toBeLessThan(1e-6 * (1 + v));
        });
        expect(surfaceDice(distances, { toleranceMm: 1.5 })).toBeCloseTo(surface, 6);
        if (area) expect(distances.referenceToTest.weights.reduce((s, w) => s + w, 0) / area).toBeCloseTo(1, 6);
      }
    });

    test("areas of all 256 cubes", () => {
      const actual = surfaceAreas(stored.areas.spacing);
      stored.areas.table.forEach((area, code) => {
        expect(actual[code], `code ${code}`).toBeCloseTo(area, 12);
      });
    });
  });
});

function expectDistances(actual: Float32Array, expected: readonly number[]) {
  expect(actual.length).toBe(expected.length);
  actual.forEach((d, n) => {
    if (expected[n] === Infinity) expect(d).toBe(Infinity);
    else expect(Math.abs(d - expected[n]!)).toBeLessThanOrEqual(1e-6 * expected[n]!);
  });
}

/** From each border voxel of a to the nearest of b, ascending. */
function slowDistances(a: Mask, b: Mask): number[] {
  const spacing = spacingMm(a.grid);
  const [p, q] = [borderOf(a), borderOf(b)];
  const distance = (x: Vec3, y: Vec3) => Math.hypot(...x.map((v, axis) => (v - y[axis]!) * spacing[axis]!));
  return p.map((x) => Math.min(Infinity, ...q.map((y) => distance(x, y)))).sort((x, y) => x - y);
}

function borderOf({ data, grid: { shape } }: Mask): Vec3[] {
  const at = (i: number, j: number, k: number) =>
    [i, j, k].every((n, axis) => n >= 0 && n < shape[axis]!) && data[i + shape[0] * (j + shape[1] * k)] === 1;
  const border: Vec3[] = [];
  eachVoxel(shape, (i, j, k) => {
    const around = [at(i - 1, j, k), at(i + 1, j, k), at(i, j - 1, k), at(i, j + 1, k), at(i, j, k - 1), at(i, j, k + 1)];
    if (at(i, j, k) && around.includes(false)) border.push([i, j, k]);
  });
  return border;
}
