import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reorient } from "../../src/geometry/reorient.js";
import { createGrid, createMask, createVolume, type Vec3, type Volume } from "../../src/index.js";
import { grayscale } from "../../src/report/grayscale.js";
import { type MontageOptions, montage } from "../../src/report/montage.js";
import { sliceView } from "../../src/report/sliceView.js";
import { pairOnOneGrid, volumeOf } from "../support/arbitraries.js";
import { pixels } from "./oracles.js";

const window = { low: 0, high: 100 };
/** Nothing but the panels: with 16-pixel text the margin is 8 pixels and the gap 5. */
const bare = { window, zoom: 1, orientationLetters: false, colorBars: "none" } as const satisfies MontageOptions;
const MARGIN = 8;
const GAP = 5;

const filled = (shape: Vec3, value: number, spacingMm: Vec3 = [1, 1, 1]): Volume =>
  createVolume(new Float32Array(shape[0] * shape[1] * shape[2]).fill(value), createGrid({ shape, spacingMm }));

/** 20×30×10, dark, with one bright voxel to the patient's left, front and low: x = 17, y = 25, z = 2 of RAS axes. */
const spotted = () => {
  const v = filled([20, 30, 10], 20);
  // x grows to the right: the left is low x.
  v.data[2 + 20 * (25 + 30 * 2)] = 100;
  return v;
};

describe("montage", () => {
  test("a bright voxel at the patient's left and front appears at the right and top of the image, for any storage order", () => {
    for (const code of ["RAS", "LPS", "LAS", "PSR", "IPL", "SAL"]) {
      const { at, width, height } = pixels(montage([[reorient(spotted(), code)]], { ...bare, slice: { index: 2 } }));
      expect([width, height]).toEqual([20 + 2 * MARGIN, 30 + 2 * MARGIN]);
      expect(at(MARGIN + 17, MARGIN + 4)).toEqual([255, 255, 255]);
      expect(at(MARGIN + 2, MARGIN + 4)).toEqual([51, 51, 51]);
      const neurological = pixels(
        montage([[reorient(spotted(), code)]], { ...bare, slice: { index: 2 }, convention: "neurological" }),
      );
      expect(neurological.at(MARGIN + 2, MARGIN + 4)).toEqual([255, 255, 255]);
    }
  });

  test("coronal and sagittal: the low voxel is near the bottom, the front at the left", () => {
    const coronal = pixels(montage([[spotted()]], { ...bare, plane: "coronal", slice: { index: 25 } }));
    expect(coronal.at(MARGIN + 17, MARGIN + 7)).toEqual([255, 255, 255]);
    const sagittal = pixels(montage([[spotted()]], { ...bare, plane: "sagittal", slice: { index: 2 } }));
    expect(sagittal.at(MARGIN + 4, MARGIN + 7)).toEqual([255, 255, 255]);
  });

  test("pixels are square in mm and of one size in all panels", () => {
    const thick = filled([10, 20, 6], 50, [1, 1, 4]);
    const coarse = filled([5, 10, 6], 50, [2, 2, 4]);
    const { width, height } = pixels(montage([[thick, coarse]], { ...bare, plane: "coronal" }));
    expect([width, height]).toEqual([10 + GAP + 10 + 2 * MARGIN, 24 + 2 * MARGIN]);
    const zoomed = pixels(montage([[thick]], { ...bare, plane: "coronal", zoom: 3 }));
    expect([zoomed.width, zoomed.height]).toEqual([30 + 2 * MARGIN, 72 + 2 * MARGIN]);
  });

  test("linear interpolation passes through the voxels and between them; nearest shows only voxels", () => {
    const v = volumeOf([2, 1, 1], [100, 0]); // the patient's left is bright: image right
    const linear = pixels(montage([[v]], { ...bare, zoom: 4, interpolation: "linear" }));
    const row = (p: typeof linear) => Array.from({ length: 8 }, (_, x) => p.at(MARGIN + x, MARGIN)[0]);
    expect(row(linear)).toEqual([0, 0, 32, 96, 159, 223, 255, 255]);
    expect(row(pixels(montage([[v]], { ...bare, zoom: 4 })))).toEqual([0, 0, 0, 0, 255, 255, 255, 255]);
  });

  test("rows and columns, empty places, and volumes of other sizes in the middle of their place", () => {
    const big = filled([30, 30, 1], 100);
    const small = filled([10, 20, 1], 50);
    const { at, width, height } = pixels(
      montage(
        [
          [big, small],
          [undefined, big],
        ],
        { ...bare, theme: "dark" },
      ),
    );
    expect([width, height]).toEqual([60 + GAP + 2 * MARGIN, 60 + GAP + 2 * MARGIN]);
    const ground = at(0, 0);
    const second = MARGIN + 30 + GAP;
    expect(at(MARGIN, MARGIN)).toEqual([255, 255, 255]);
    expect(at(second + 9, MARGIN + 5)).toEqual(ground);
    expect(at(second + 10, MARGIN + 5)).toEqual([128, 128, 128]);
    expect(at(second + 19, MARGIN + 24)).toEqual([128, 128, 128]);
    expect(at(second + 20, MARGIN + 24)).toEqual(ground);
    expect(at(MARGIN + 5, second + 5)).toEqual(ground);
    expect(at(second + 5, second + 5)).toEqual([255, 255, 255]);
  });

  test("a contour colours the mask's rim and nothing else", () => {
    const v = filled([12, 12, 1], 50);
    const square = createMask(
      Array.from({ length: 144 }, (_, n) => n % 12 >= 3 && n % 12 <= 7 && n >= 36 && n < 96),
      v.grid,
    );
    const color = [255, 0, 0] as const;
    const { at } = pixels(montage([[{ volume: v, contours: [{ mask: square, color }] }]], bare));
    for (let x = 0; x < 12; x++)
      for (let y = 0; y < 12; y++) {
        // Voxel x lies at image column 11 − x, y at row 11 − y.
        const [i, j] = [11 - x, 11 - y];
        const rim = i >= 3 && i <= 7 && j >= 3 && j <= 7 && (i === 3 || i === 7 || j === 3 || j === 7);
        expect(at(MARGIN + x, MARGIN + y)).toEqual(rim ? [...color] : [128, 128, 128]);
      }
  });

  test("a percentile window follows its volume; on a diverging map it is widened around 0", () => {
    const v = volumeOf([5, 1, 1], [0, 10, 20, 30, 40]);
    const gray = pixels(montage([[v]], { ...bare, window: { percentiles: [0, 100], of: v } }));
    expect(Array.from({ length: 5 }, (_, x) => gray.at(MARGIN + x, MARGIN)[0])).toEqual([255, 191, 128, 64, 0]);
    const d = volumeOf([3, 1, 1], [-10, 0, 40]);
    const diverging = pixels(montage([[d]], { ...bare, colormap: "diverging", window: { percentiles: [0, 100], of: d } }));
    const [right, middle, left] = [0, 1, 2].map((x) => diverging.at(MARGIN + x, MARGIN) as [number, number, number]);
    expect(right![0]).toBeGreaterThan(right![2] + 80);
    expect(Math.min(...middle!)).toBeGreaterThan(235);
    expect(left![2]).toBeGreaterThan(left![0]);
    expect(left![0]).toBeGreaterThan(150);
  });

  test("NaN is black in gray and gray on a diverging map", () => {
    const v = volumeOf([1, 1, 1], [Number.NaN]);
    expect(pixels(montage([[v]], bare)).at(MARGIN, MARGIN)).toEqual([0, 0, 0]);
    const diverging = montage([[v]], { ...bare, colormap: "diverging", window: { low: -1, high: 1 } });
    expect(pixels(diverging).at(MARGIN, MARGIN)).toEqual([128, 128, 128]);
  });

  test("labels, letters and colour bars leave ink where they belong", () => {
    const v = filled([100, 100, 1], 0);
    const dark = ([r, g, b]: number[]) => r! + g! + b! < 300;
    const labelled = pixels(montage([[v]], { ...bare, columnLabels: ["pre"], rowLabels: ["case"] }));
    expect([labelled.width, labelled.height]).toEqual([100 + 26 + 16, 100 + 26 + 16]);
    const count = (
      p: ReturnType<typeof pixels>,
      x0: number,
      x1: number,
      y0: number,
      y1: number,
      is: (c: number[]) => boolean,
    ) => {
      let n = 0;
      for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) if (is(p.at(x, y))) n++;
      return n;
    };
    expect(count(labelled, 34, 134, 0, 33, dark)).toBeGreaterThan(30);
    expect(count(labelled, 0, 33, 34, 134, dark)).toBeGreaterThan(30);
    const lettered = pixels(montage([[v]], { ...bare, orientationLetters: true }));
    const bright = ([r]: number[]) => r! > 200;
    for (const [x, y] of [
      [2, 42],
      [84, 42],
      [42, 2],
      [42, 84],
    ] as const)
      expect(count(lettered, 8 + x, 8 + x + 14, 8 + y, 8 + y + 14, bright)).toBeGreaterThan(8);
    const bar = pixels(
      montage([[v], [v]], { ...bare, colorBars: "diverging", colormap: "diverging", window: { low: -5, high: 5 } }),
    );
    // One bar below both: the panels share a window.
    expect(bar.height).toBe(2 * 100 + GAP + 2 * MARGIN + 2 * 8 + 16);
    const blue = bar.at(MARGIN, MARGIN + 205 + 4 + 4);
    expect(blue[2]).toBeGreaterThan(blue[0]! + 80);
  });

  test("the same input gives the same bytes, and no input is changed", () => {
    const v = spotted();
    const copy = v.data.slice();
    expect(montage([[v]], { window })).toEqual(montage([[v]], { window }));
    expect(v.data).toEqual(copy);
  });

  test("refuses", () => {
    const v = spotted();
    const refuse = (volumes: Parameters<typeof montage>[0], options: object, code: string, message: RegExp) =>
      expect(() => montage(volumes, { window, ...options })).toThrowError(
        expect.objectContaining({ code, message: expect.stringMatching(message) }),
      );
    refuse([], {}, "out-of-range", /at least one volume/);
    refuse([[undefined]], {}, "out-of-range", /at least one volume/);
    refuse([[v]], { window: { low: 1, high: 0 } }, "out-of-range", /window/);
    refuse([[v]], { window: { percentiles: [0, 0], of: v } }, "out-of-range", /window/);
    refuse([[v]], { columnLabels: ["a", "b"] }, "out-of-range", /labels/);
    refuse([[v]], { zoom: 0 }, "out-of-range", /zoom/);
    refuse([[v]], { zoom: 1e6 }, "out-of-range", /zoom/);
    refuse([[v]], { textSize: 2 }, "out-of-range", /textSize/);
    refuse([[v]], { colormap: "jet" }, "out-of-range", /colormap/);
    refuse([[v]], { slice: { index: 10 } }, "out-of-range", /slice/);
    refuse(
      [[v]],
      { contours: [{ mask: { grid: createGrid({ shape: [1, 1, 1] }), data: Uint8Array.of(1) } }] },
      "grid-mismatch",
      /grids/,
    );
  });

  test("law: at zoom 1 on cubic voxels the panel is the slice in gray", () => {
    fc.assert(
      fc.property(pairOnOneGrid(), ([v]) => {
        const cubes = createVolume(v.data, createGrid({ shape: v.grid.shape }));
        const wide = { low: -1000, high: 4000 };
        const view = sliceView(cubes);
        const gray = grayscale(view.data, { window: wide });
        const { at } = pixels(montage([[cubes]], { ...bare, window: wide }));
        gray.forEach((g, n) => expect(at(MARGIN + (n % view.width), MARGIN + Math.floor(n / view.width))).toEqual([g, g, g]));
      }),
    );
  });
});
