import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reorient } from "../../src/geometry/reorient.js";
import { voxelToWorld } from "../../src/geometry/voxelToWorld.js";
import { createGrid, createVolume, type Vec3 } from "../../src/index.js";
import { type Plane, sliceView } from "../../src/report/sliceView.js";
import { mask, maskOf, spacing, volume } from "../support/arbitraries.js";
import { eachVoxel } from "../support/oracles.js";

const planes: readonly Plane[] = ["axial", "coronal", "sagittal"];
const CODES = ["L", "R"]
  .flatMap((x) => ["P", "A"].flatMap((y) => ["I", "S"].map((z) => [x, y, z])))
  .flatMap(([x, y, z]) => [
    [x, y, z],
    [x, z, y],
    [y, x, z],
    [y, z, x],
    [z, x, y],
    [z, y, x],
  ])
  .map((letters) => letters.join(""));

/** 3×4×5 voxels, RAS: the value tells the voxel, 100·z + 10·y + x. */
const numbered = () => {
  const shape: Vec3 = [3, 4, 5];
  const data = new Float32Array(60);
  eachVoxel(shape, (i, j, k, index) => {
    data[index] = 100 * k + 10 * j + i;
  });
  return createVolume(data, createGrid({ shape, spacingMm: [1, 2, 3] }));
};
const rows = ({ data, width }: { data: ArrayLike<number>; width: number }) =>
  Array.from({ length: data.length / width }, (_, r) => Array.from(data).slice(r * width, (r + 1) * width));

describe("sliceView", () => {
  test("axial: front at the top, patient's right at the left", () => {
    const view = sliceView(numbered(), { slice: { index: 4 } });
    expect(rows(view)).toEqual([
      [432, 431, 430],
      [422, 421, 420],
      [412, 411, 410],
      [402, 401, 400],
    ]);
    expect(view).toMatchObject({ width: 3, height: 4, index: 4, positionMm: 6, pixelMm: [1, 2] });
    expect(view.edges).toEqual({ left: "R", right: "L", top: "A", bottom: "P" });
  });

  test("neurological: patient's right at the right", () => {
    const view = sliceView(numbered(), { slice: { index: 0 }, convention: "neurological" });
    expect(rows(view)[0]).toEqual([30, 31, 32]);
    expect(view.edges).toEqual({ left: "L", right: "R", top: "A", bottom: "P" });
  });

  test("coronal: head up; sagittal: head up, nose to the left in either convention", () => {
    const coronal = sliceView(numbered(), { plane: "coronal", slice: { index: 1 } });
    expect(rows(coronal)[0]).toEqual([412, 411, 410]);
    expect(rows(coronal).at(-1)).toEqual([12, 11, 10]);
    expect(coronal.pixelMm).toEqual([1, 3]);
    expect(coronal.edges).toEqual({ left: "R", right: "L", top: "S", bottom: "I" });
    for (const convention of ["radiological", "neurological"] as const) {
      const sagittal = sliceView(numbered(), { plane: "sagittal", slice: { index: 2 }, convention });
      expect(rows(sagittal)[0]).toEqual([432, 422, 412, 402]);
      expect(sagittal.edges).toEqual({ left: "A", right: "P", top: "S", bottom: "I" });
    }
  });

  test("slices are found by number, by mm, through a mask; default the middle one", () => {
    const v = numbered();
    expect(sliceView(v).index).toBe(2);
    expect(sliceView(v, { slice: { mm: -6 } }).index).toBe(0);
    expect(sliceView(v, { slice: { mm: 1.6 } }).index).toBe(3);
    const lesion = maskOf("#. ..", "## #.", "## #.");
    expect(sliceView(lesion, { slice: { through: lesion } }).index).toBe(1);
    expect([...sliceView(lesion, { slice: { through: lesion } }).data]).toEqual([0, 1, 1, 1]);
  });

  test("a box cuts out what it holds, by stored voxels", () => {
    const view = sliceView(numbered(), { box: { start: [1, 0, 2], shape: [2, 3, 3] } });
    expect(view.index).toBe(3);
    expect(rows(view)).toEqual([
      [322, 321],
      [312, 311],
      [302, 301],
    ]);
  });

  test("keeps the voxel type and the volume", () => {
    const v = createVolume(Uint16Array.of(1, 2), createGrid({ shape: [2, 1, 1] }));
    expect(sliceView(v).data).toEqual(Uint16Array.of(2, 1));
    expect([...v.data]).toEqual([1, 2]);
  });

  test("refuses", () => {
    const v = numbered();
    const refuse = (options: object, code: string, message: RegExp) =>
      expect(() => sliceView(v, options)).toThrowError(
        expect.objectContaining({ code, message: expect.stringMatching(message) }),
      );
    refuse({ slice: { index: 5 } }, "out-of-range", /0 to 4, from -6.0 to 6.0 mm/);
    refuse({ slice: { index: 1.5 } }, "out-of-range", /slice.index/);
    refuse({ slice: { mm: 100 } }, "out-of-range", /axial slice/);
    refuse({ slice: { mm: Number.NaN } }, "out-of-range", /slice.mm/);
    refuse({ plane: "oblique" }, "out-of-range", /plane/);
    refuse({ convention: "other" }, "out-of-range", /convention/);
    refuse({ box: { start: [0, 0, 0], shape: [4, 1, 1] } }, "out-of-range", /box/);
    refuse({ slice: { through: maskOf("#") } }, "grid-mismatch", /grids/);
    refuse({ slice: { through: { grid: v.grid, data: new Uint8Array(60) } } }, "empty-mask", /no voxel/);
  });

  describe("laws", () => {
    test("the way in which voxels are stored does not change the picture", () => {
      fc.assert(
        fc.property(spacing(), fc.constantFrom(...CODES), fc.constantFrom(...planes), fc.nat(4), (spacingMm, code, plane, n) => {
          const v = createVolume(numbered().data, createGrid({ shape: [3, 4, 5], spacingMm }));
          const slice = { index: Math.min(n, plane === "axial" ? 4 : plane === "coronal" ? 3 : 2) };
          const [expected, actual] = [v, reorient(v, code)].map((w) => sliceView(w, { plane, slice }));
          expect({ ...actual, pixelMm: 0, positionMm: 0 }).toEqual({ ...expected, pixelMm: 0, positionMm: 0 });
          for (const axis of [0, 1]) expect(actual!.pixelMm[axis]!).toBeCloseTo(expected!.pixelMm[axis]!, 9);
          expect(actual!.positionMm).toBeCloseTo(expected!.positionMm, 9);
        }),
      );
    });

    test("on any affine, steps to the right and down follow the letters", () => {
      fc.assert(
        fc.property(
          volume(4),
          fc.constantFrom(...planes),
          fc.constantFrom("radiological", "neurological"),
          (v, plane, convention) => {
            const count = v.data.length;
            const indices = createVolume(
              Float32Array.from({ length: count }, (_, i) => i),
              v.grid,
            );
            const view = sliceView(indices, { plane, convention: convention as "radiological" });
            const [ni, nj] = v.grid.shape;
            const world = (pixel: number) => {
              const n = view.data[pixel]!;
              return voxelToWorld(v.grid, [n % ni, Math.floor(n / ni) % nj, Math.floor(n / ni / nj)]);
            };
            const axisOf = (letter: string) => ["LR", "PA", "IS"].findIndex((pair) => pair.includes(letter));
            const sign = (letter: string) => ("RAS".includes(letter) ? 1 : -1);
            // Oblique axes have the letter of the nearest world axis, so a step only goes that way for axes not far from it.
            const along = (from: number, to: number, letter: string) => {
              const [a, b] = [world(from), world(to)];
              const step = b.map((x, axis) => x - a[axis]!);
              const length = Math.hypot(...step);
              const part = (sign(letter) * step[axisOf(letter)]!) / length;
              if (Math.abs(part) > 0.6) expect(part).toBeGreaterThan(0);
            };
            if (view.width > 1) along(0, 1, view.edges.right);
            if (view.height > 1) along(0, view.width, view.edges.bottom);
          },
        ),
      );
    });

    test("`through` finds a slice with as many voxels of the mask as any", () => {
      fc.assert(
        fc.property(mask(4), fc.constantFrom(...planes), (m, plane) => {
          fc.pre(m.data.some(Boolean));
          const count = (index: number) => sliceView(m, { plane, slice: { index } }).data.reduce((sum, v) => sum + v, 0);
          const found = sliceView(m, { plane, slice: { through: m } });
          const total = m.data.length / found.data.length;
          const counts = Array.from({ length: total }, (_, index) => count(index));
          expect(counts[found.index]).toBe(Math.max(...counts));
        }),
      );
    });
  });
});
