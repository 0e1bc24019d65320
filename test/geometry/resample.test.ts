import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { composeAffine, crop, flip, invertAffine, reorient, resample } from "../../src/geometry/index.js";
import { createGrid, createVolume, type Grid, type Vec3, type Volume } from "../../src/index.js";
import { affine, grid, intensity, volume, volumeOn } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { maxAbsDifference, scaleOf } from "../support/oracles.js";
import { AXIS_CODES, gridAndAnother, worldLinear } from "./oracles.js";

const INTERPOLATIONS = ["nearest", "linear", "cubic"] as const;
const interpolation = () => fc.constantFrom(...INTERPOLATIONS);

/** A row of voxels along x, 1 mm apart, the first at x = `from`. */
const row = (values: readonly number[], from = 0, step = 1): Volume =>
  createVolume(Float32Array.from(values), line(values.length, from, step));
const line = (n: number, from: number, step: number): Grid =>
  createGrid({ shape: [n, 1, 1], affine: [step, 0, 0, from, 0, 1, 0, 0, 0, 0, 1, 0] });

const UNIT = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

describe("resample", () => {
  test("halves of a row: the box of the voxels is filled, no farther", () => {
    const fine = line(10, -0.75, 0.5);
    const values = (how: (typeof INTERPOLATIONS)[number], outside?: number) => [
      ...resample(row([0, 4, 8, 4]), fine, { interpolation: how, outside }).data,
    ];
    expect(values("linear")).toEqual([0, 0, 1, 3, 5, 7, 7, 5, 4, 0]);
    expect(values("linear", -1)).toEqual([-1, 0, 1, 3, 5, 7, 7, 5, 4, -1]);
    expect(values("nearest", Number.NaN)).toEqual([Number.NaN, 0, 0, 4, 4, 8, 8, 4, 4, Number.NaN]);
    expect(values("cubic", 3)[0]).toBe(3);
    expect(values("cubic", 3)[1]).toBeCloseTo(0, 12);
  });

  test("midway between two voxels the nearest is the one of higher index, whatever rounding says", () => {
    for (const at of [0.5, 0.5 - 1e-9, 0.5 + 1e-9])
      expect([...resample(row([3, 9]), line(1, at, 1), { interpolation: "nearest" }).data]).toEqual([9]);
    // The end of the box belongs to it.
    for (const at of [-0.5 - 1e-9, 1.5 + 1e-9])
      expect(resample(row([3, 9]), line(1, at, 1), { interpolation: "linear" }).data[0]).toBe(at < 0 ? 3 : 9);
  });

  test("takes volumes of every voxel type and keeps outside them what it is told", () => {
    const labels = createVolume(Int16Array.of(-5, 300), line(2, 0, 1));
    const result = resample(labels, line(3, 0.5, 1), { interpolation: "linear", outside: 0.25 });
    expect(result.data).toEqual(Float32Array.of(147.5, 300, 0.25));
  });

  test("the transform leads from the new world to the old", () => {
    const shift = Float64Array.of(1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
    const moved = resample(row([1, 2, 3, 4]), line(4, 0, 1), { interpolation: "linear", transform: shift });
    expect([...moved.data]).toEqual([3, 4, 0, 0]);
  });

  test("a grid that lies wholly elsewhere is all outside", () => {
    for (const how of INTERPOLATIONS)
      for (const step of [1, 0.7])
        expect([...resample(row([1, 2]), line(2, 50, step), { interpolation: how, outside: 9 }).data]).toEqual([9, 9]);
  });

  test("linear spreads NaN to the points next to it, nearest keeps it, cubic refuses it", () => {
    const holed = row([0, 1, Number.NaN, 3, 4, 5]);
    const between = line(5, 0.5, 1);
    expect([...resample(holed, between, { interpolation: "linear" }).data]).toEqual([0.5, Number.NaN, Number.NaN, 3.5, 4.5]);
    expect([...resample(holed, line(6, 0.1, 1), { interpolation: "nearest" }).data]).toEqual([...holed.data]);
    for (const g of [between, holed.grid])
      expect(() => resample(holed, g, { interpolation: "cubic" })).toThrowError(
        expect.objectContaining({ code: "out-of-range", message: expect.stringContaining("NaN") }),
      );
  });

  test("what another row leaves behind never comes in, even if that row holds NaN", () => {
    // The first run spans a row of the first plane, the second sees the end alone of a row between the other two.
    const planes = createVolume(Float32Array.of(Number.NaN, 1, 2, 3, 4, 5), createGrid({ shape: [2, 1, 3], affine: UNIT }));
    const slanted = createGrid({ shape: [2, 1, 2], affine: [1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1.5, 0] });
    const result = resample(planes, slanted, { interpolation: "linear", outside: 9 });
    expect([...result.data]).toEqual([Number.NaN, Number.NaN, 4, 9]);
  });

  test("cubic goes beyond the voxels' range at an edge, unless clamped", () => {
    const edge = row([0, 0, 0, 1, 1, 1]);
    for (const g of [line(11, 0, 0.5), turned(line(11, 0, 0.5))]) {
      const free = resample(edge, g, { interpolation: "cubic", outside: 5 }).data;
      const clamped = resample(edge, g, { interpolation: "cubic", outside: 5, clamp: true }).data;
      expect(Math.min(...free)).toBeLessThan(-0.05);
      expect([...clamped]).toEqual([...free].map((v) => (v === 5 ? 5 : Math.max(0, Math.min(v, 1)))));
    }
  });

  test("refuses", () => {
    const v = row([1, 2]);
    const refused = (options: object, message: RegExp) => {
      const wrong = () => resample(v, v.grid, options as never);
      expect(wrong).toThrowError(message);
      expect(wrong).toThrowError(expect.objectContaining({ code: "out-of-range" }));
    };
    refused({ interpolation: "lanczos" }, /"nearest", "linear", "cubic"/);
    refused({ interpolation: "linear", transform: new Float64Array(12) }, /transform must be 16/);
    refused({ interpolation: "linear", transform: new Float64Array(16).fill(Number.NaN) }, /finite/);
    refused({ interpolation: "linear", transform: new Float64Array(16) }, /last row of transform/);
  });

  interface Case {
    name: string;
    oldShape: Vec3;
    newShape: Vec3;
    oldAffine: Float64Array;
    newAffine: Float64Array;
    transform: Float64Array;
    voxels: Float32Array;
    nearest: Expected;
    linear: Expected;
    cubic: Expected;
  }
  interface Expected {
    default: Float32Array;
    box: Float32Array;
  }
  const { cases, outside } = golden<{ cases: Case[]; outside: number }>("geometry/resample");

  describe.each(cases)("SciPy: $name", ({ name, oldShape, oldAffine, newShape, newAffine, transform, voxels, ...expected }) => {
    const old = createVolume(voxels, createGrid({ shape: oldShape, affine: oldAffine }));
    const target = createGrid({ shape: newShape, affine: newAffine });

    test.each(INTERPOLATIONS)("%s", (how) => {
      const result = resample(old, target, { interpolation: how, transform, outside });
      // Results are float32, of values up to 200; three passes each round to float32 where cubic goes axis by axis.
      const tolerance = { nearest: 0, linear: 1e-7, cubic: 5e-7 }[how] * 200;
      expect(maxAbsDifference(result, { data: expected[how].box })).toBeLessThanOrEqual(tolerance);
      let compared = 0;
      result.data.forEach((v, n) => {
        const scipy = expected[how].default[n]!;
        if (Number.isNaN(scipy)) return;
        compared++;
        expect(Math.abs(v - scipy)).toBeLessThanOrEqual(tolerance);
      });
      // Turned against an axis of one voxel, no point lies exactly on its centre.
      expect(compared > 0).toBe(!name.startsWith("axes of 3, 1"));
    });
  });

  describe("laws", () => {
    test("the own grid gives the same voxels, bit for bit, in an array of their own", () =>
      fc.assert(
        fc.property(volume(), interpolation(), (v, how) => {
          const copy = resample(v, v.grid, { interpolation: how, outside: 7 });
          expect(copy.data).toEqual(v.data);
          expect(copy.data).not.toBe(v.data);
        }),
      ));

    test("so do grids with the same voxels in another order, through float32 affines too", () =>
      fc.assert(
        fc.property(volume(), interpolation(), fc.constantFrom(...AXIS_CODES), (v, how, code) => {
          const target = reorient(v, code);
          const rounded = createGrid({ shape: target.grid.shape, affine: Float32Array.from(target.grid.affine) });
          expect(resample(v, rounded, { interpolation: how }).data).toEqual(target.data);
        }),
      ));

    test("the input is not changed", () =>
      fc.assert(
        fc.property(gridAndAnother(), interpolation(), fc.boolean(), ([a, b], how, clamp) => {
          const v = worldLinear(a, [1, 2, 3, 4]);
          const before = v.data.slice();
          resample(v, b, { interpolation: how, clamp });
          expect(v.data).toEqual(before);
        }),
      ));

    test("a constant stays the constant, where there is something", () =>
      fc.assert(
        fc.property(gridAndAnother(), interpolation(), intensity(), ([a, b], how, value) => {
          const constant = createVolume(new Float32Array(a.shape[0] * a.shape[1] * a.shape[2]).fill(value), a);
          const result = resample(constant, b, { interpolation: how, outside: Number.NaN });
          for (const v of result.data)
            if (!Number.isNaN(v)) expect(Math.abs(v - value)).toBeLessThanOrEqual(1e-6 * Math.abs(value));
        }),
      ));

    test("a field that is linear in the world is found again between the centres", () =>
      fc.assert(
        fc.property(gridAndAnother(), fc.tuple(coefficient(), coefficient(), coefficient(), coefficient()), ([a, b], field) => {
          const result = resample(worldLinear(a, field), b, { interpolation: "linear", outside: Number.NaN });
          const expected = worldLinear(b, field);
          expectEqualWithin(result, expected, a, 0);
        }),
      ));

    test("and by cubic, a dozen voxels from the mirrored border", () => {
      const a = createGrid({ shape: [33, 30, 31], affine: rotationAbout([15, 14, 15], 0) });
      for (const angle of [0, 0.3]) {
        const b = createGrid({ shape: [33, 30, 31], affine: composeAffine(rotationAbout([15, 14, 15], angle), half()) });
        const field = [1, -2, 0.5, 3] as const;
        const result = resample(worldLinear(a, field), b, { interpolation: "cubic", outside: Number.NaN });
        expectEqualWithin(result, worldLinear(b, field), a, 12);
      }
    });

    test("a transform is the same as moving the grid", () =>
      fc.assert(
        fc.property(volume(), grid(), affine(), interpolation(), (v, g, t, how) => {
          const transform = composeAffine(v.grid.affine, composeAffine(t, invertAffine(g.affine)));
          const moved = { shape: g.shape, affine: composeAffine(transform, g.affine) };
          expect(resample(v, g, { interpolation: how, transform }).data).toEqual(resample(v, moved, { interpolation: how }).data);
        }),
      ));

    test("part of the grid gets that part of the result", () =>
      fc.assert(
        fc.property(gridAndAnother(), interpolation(), fc.nat(), fc.nat(), ([a, b], how, from, to) => {
          const v = worldLinear(a, [3, -2, 1, 0]);
          const start = b.shape.map((n) => from % n) as unknown as Vec3;
          const box = { start, shape: b.shape.map((n, axis) => 1 + (to % (n - start[axis]!))) as unknown as Vec3 };
          const whole = resample(v, b, { interpolation: how, outside: 1e4 });
          const part = crop(whole, box);
          // Coordinates of the part differ by rounding, which may put a point of the box's very border on its other side.
          const unequal = resample(v, part.grid, { interpolation: how, outside: 1e4 }).data.filter(
            (value, n) => Math.abs(value - part.data[n]!) > 1e-5 * scaleOf(v),
          );
          expect(unequal.length).toBe(0);
        }),
      ));

    test("twice as much in gives twice as much out, and the mean of two is the mean", () =>
      fc.assert(
        fc.property(
          gridAndAnother(5).chain(([a, b]) => fc.tuple(volumeOn(a), volumeOn(a), fc.constant(b))),
          interpolation(),
          ([x, y, g], how) => {
            const [rx, ry] = [x, y].map((v) => resample(v, g, { interpolation: how }).data) as [Float32Array, Float32Array];
            const mean = createVolume(
              x.data.map((v, n) => (v + y.data[n]!) / 2),
              x.grid,
            );
            const expected = rx.map((v, n) => (v + ry[n]!) / 2);
            // Each of the three is rounded to float32, cubic three times, after coefficients up to 27 times the voxels.
            expect(maxAbsDifference(resample(mean, g, { interpolation: how }), { data: expected })).toBeLessThan(
              1e-5 * scaleOf(x, y),
            );
          },
        ),
      ));

    test("reversed voxels give the same values at the same places", () =>
      fc.assert(
        fc.property(
          gridAndAnother(5).chain(([a, b]) => fc.tuple(volumeOn(a), fc.constant(b))),
          fc.constantFrom(0, 1, 2),
          ([v, g], axis) => {
            for (const how of ["linear", "cubic"] as const) {
              const [one, other] = [v, flip(v, axis as 0 | 1 | 2)].map((from) => resample(from, g, { interpolation: how }));
              expect(maxAbsDifference(one!, other!)).toBeLessThan(1e-5 * scaleOf(v));
            }
          },
        ),
      ));
  });
});

const coefficient = () => fc.double({ min: -3, max: 3, noNaN: true });

const half = () => Float64Array.of(0.5, 0, 0, 7.6, 0, 0.5, 0, 7.1, 0, 0, 0.5, 7.4, 0, 0, 0, 1);

/** The grid seen from a world turned by an angle too small to matter, and too large to be rounding. */
function turned(g: Grid): Grid {
  const tilt = Float64Array.of(1, 0, 0, 0, 4e-3, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
  return { shape: g.shape, affine: composeAffine(tilt, g.affine) };
}

function rotationAbout([x, y, z]: Vec3, angle: number): Float64Array {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return Float64Array.of(c, -s, 0, x - c * x + s * y, s, c, 0, y - s * x - c * y, 0, 0, 1, z - z, 0, 0, 0, 1);
}

/** Equal at the points of `result` that lie at least `depth` voxels within the outermost centres of `source`. */
function expectEqualWithin(result: Volume, expected: Volume, source: Grid, depth: number): void {
  const inverse = invertAffine(source.affine);
  const map = composeAffine(inverse, result.grid.affine);
  const [ni, nj] = result.grid.shape;
  const scale = scaleOf(expected) + 600 * 3;
  result.data.forEach((value, n) => {
    const [i, j, k] = [n % ni, Math.floor(n / ni) % nj, Math.floor(n / (ni * nj))];
    const inside = source.shape.every((size, axis) => {
      const at = map[4 * axis]! * i + map[4 * axis + 1]! * j + map[4 * axis + 2]! * k + map[4 * axis + 3]!;
      return at >= depth && at <= size - 1 - depth;
    });
    // Voxels of the source are float32 of up to `scale`.
    if (inside) expect(Math.abs(value - expected.data[n]!)).toBeLessThan(1e-6 * scale);
  });
}
