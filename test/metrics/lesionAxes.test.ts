import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGrid, createMask, type Mask, type Vec3 } from "../../src/index.js";
import { axesRoi, kanzakiClass, type LesionAxes, lesionAxes, lesionFromAxes, lesionsOf } from "../../src/metrics/index.js";
import { maskOf } from "../support/arbitraries.js";
import { eachVoxel } from "../support/oracles.js";
import { codeOf } from "./oracles.js";

const lengths = (axes: LesionAxes) => {
  const { longMm, shortMm } = lesionFromAxes(axes);
  return [longMm, shortMm];
};

/** An ellipse with the given half axes in mm at an angle, in slice 1 of three. */
const ellipse = (a: number, b: number, angle: number, spacing: Vec3 = [1, 1, 3]): Mask => {
  const shape: Vec3 = [61, 61, 3];
  const g = createGrid({ shape, spacingMm: spacing });
  const data = new Uint8Array(61 * 61 * 3);
  eachVoxel(shape, (i, j, k, v) => {
    const [x, y] = [(i - 30) * spacing[0], (j - 30) * spacing[1]];
    const p = (x * Math.cos(angle) + y * Math.sin(angle)) / a;
    const q = (y * Math.cos(angle) - x * Math.sin(angle)) / b;
    data[v] = k === 1 && p * p + q * q <= 1 ? 1 : 0;
  });
  return createMask(data, g);
};

describe("lesionAxes", () => {
  test("a row of n voxels is n spacings long, a voxel one", () => {
    expect(lengths(lesionAxes(maskOf("....", ".###")))).toEqual([3, 1]);
    expect(lengths(lesionAxes(maskOf("#")))).toEqual([1, 1]);
    const thin = createMask([1, 1], createGrid({ shape: [2, 1, 1], spacingMm: [1, 3, 1] }));
    expect(lengths(lesionAxes(thin))).toEqual([3, 2]);
  });

  test("the slice with the longest diameter counts, the first of equal ones", () => {
    const mask = maskOf("#... .... ....", ".... ###. .#..", ".... .... .###");
    const { long, short } = lesionAxes(mask);
    // The volume's middle is the origin: k = 1 lies at 0.
    expect([long[0][2], long[1][2], short[0][2]]).toEqual([0, 0, 0]);
    expect(lengths({ long, short })[0]).toBe(3);
  });

  test("axes of an ellipse, at any angle, to a voxel", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 8, max: 25, noNaN: true }),
        fc.double({ min: 0.3, max: 1, noNaN: true }),
        fc.double({ min: 0, max: Math.PI, noNaN: true }),
        fc.constantFrom<Vec3>([1, 1, 3], [0.9, 0.9, 1]),
        (a, ratio, angle, spacing) => {
          const [long, short] = lengths(lesionAxes(ellipse(a, ratio * a, angle, spacing)));
          expect(Math.abs(long! - 2 * a)).toBeLessThan(1.2);
          // The short axis is at a right angle to the digitised long one, which is off by up to a voxel at its ends.
          expect(Math.abs(short! - 2 * ratio * a)).toBeLessThan(2);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("the axes stand at a right angle, the short one no longer than the long one", () => {
    const cell = fc.array(fc.boolean(), { minLength: 49, maxLength: 49 }).filter((v) => v.includes(true));
    const mm = fc.double({ min: 0.5, max: 3, noNaN: true });
    fc.assert(
      fc.property(cell, mm, mm, (cells, si, sj) => {
        const { long, short } = lesionAxes(createMask(cells, createGrid({ shape: [7, 7, 1], spacingMm: [si, sj, 1] })));
        const along = (axis: readonly [Vec3, Vec3]) => axis[0].map((v, n) => axis[1][n]! - v);
        const dot = along(long).reduce((s, v, n) => s + v * along(short)[n]!, 0);
        const [longMm, shortMm] = lengths({ long, short });
        expect(Math.abs(dot)).toBeLessThan(1e-9 * longMm! * shortMm!);
        expect(shortMm!).toBeLessThanOrEqual(longMm! * (1 + 1e-9));
      }),
    );
  });

  test("refuses", () => {
    expect(codeOf(() => lesionAxes(maskOf("...")))).toBe("empty-mask");
    const sheared = createGrid({ shape: [2, 1, 1], affine: [1, 0.5, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] });
    expect(codeOf(() => lesionAxes(createMask([1, 1], sheared)))).toBe("unsupported");
  });
});

describe("lesionsOf", () => {
  test("each component by its axes, the largest first", () => {
    const lesions = lesionsOf(maskOf("#..... ...... ..####", "#..... ...... ......"));
    expect(lesions.map(lengths)).toEqual([
      [4, 1],
      [1, 1],
    ]);
    expect(lesionsOf(maskOf("#..... ...... ..####"), { minVoxels: 2 }).length).toBe(1);
    expect(lesionsOf(maskOf("..."))).toEqual([]);
  });
});

describe("axesRoi", () => {
  const g = createGrid({ shape: [21, 21, 3], spacingMm: [1, 1, 2] });
  // The grid's middle is the origin: voxel (10, 10, 1).
  const axes: LesionAxes = {
    long: [
      [-4, 0, 0],
      [4, 0, 0],
    ],
    short: [
      [0, -2, 0],
      [0, 2, 0],
    ],
  };
  const count = ({ data }: Mask) => data.reduce((s, v) => s + v, 0);
  const drawn = (mask: Mask) => {
    const rows: string[] = [];
    for (let j = 7; j <= 13; j++)
      rows.push([...mask.data.slice(21 * (j + 21) + 5, 21 * (j + 21) + 16)].map((v) => (v ? "#" : ".")).join(""));
    return rows.join(" ");
  };

  test("axes as diagonals: a rhombus with its corners", () => {
    expect(drawn(axesRoi(axes, g))).toBe("........... .....#..... ...#####... .#########. ...#####... .....#..... ...........");
  });

  test("axes as sides: a rectangle of twice the area", () => {
    const mask = axesRoi(axes, g, { shape: "sides" });
    expect(drawn(mask)).toBe("........... .#########. .#########. .#########. .#########. .#########. ...........");
    expect(count(mask)).toBe(45);
  });

  test("smaller than a voxel: the voxel at its middle", () => {
    const tiny: LesionAxes = {
      long: [
        [0.2, 0.3, 1.8],
        [0.4, 0.3, 1.8],
      ],
      short: [
        [0.3, 0.2, 1.8],
        [0.3, 0.4, 1.8],
      ],
    };
    const mask = axesRoi(tiny, g);
    expect(count(mask)).toBe(1);
    expect(mask.data[10 + 21 * (10 + 21 * 2)]).toBe(1);
  });

  test("what lies beyond the grid is cut off", () => {
    const edge: LesionAxes = {
      long: [
        [6, 0, 0],
        [14, 0, 0],
      ],
      short: [
        [10, -2, 0],
        [10, 2, 0],
      ],
    };
    expect(count(axesRoi(edge, g))).toBe(13);
  });

  test("refuses", () => {
    const away: LesionAxes = {
      long: [
        [90, 0, 0],
        [99, 0, 0],
      ],
      short: [
        [95, -2, 0],
        [95, 2, 0],
      ],
    };
    expect(() => axesRoi(away, g)).toThrowError(/inside the grid of 21×21×3/);
    expect(
      codeOf(() =>
        axesRoi(
          {
            ...axes,
            long: [
              [Number.NaN, 0, 0],
              [4, 0, 0],
            ],
          },
          g,
        ),
      ),
    ).toBe("out-of-range");
    // biome-ignore lint/suspicious/noExplicitAny: a caller without types
    expect(() => axesRoi(axes, g, { shape: "square" as any })).toThrowError(/shape must be one of/);
  });

  test("law: the area is half of, or all of, the axes' product", () => {
    const half = fc.double({ min: 4, max: 9, noNaN: true });
    const fine = createGrid({ shape: [161, 161, 1], spacingMm: [0.25, 0.25, 1] });
    fc.assert(
      fc.property(
        half,
        half,
        fc.double({ min: 0, max: Math.PI, noNaN: true }),
        fc.constantFrom("diagonals", "sides" as const),
        (a, b, angle, shape) => {
          const [c, s] = [Math.cos(angle), Math.sin(angle)];
          const tilted: LesionAxes = {
            long: [
              [-a * c, -a * s, 0],
              [a * c, a * s, 0],
            ],
            short: [
              [b * s, -b * c, 0],
              [-b * s, b * c, 0],
            ],
          };
          const area = (shape === "sides" ? 4 : 2) * a * b;
          // Rasterised by voxel middles, border included: off by less than the perimeter times half a voxel, and the corners.
          expect(Math.abs(count(axesRoi(tilted, fine, { shape })) / 16 - area)).toBeLessThan(0.125 * 4 * (a + b) + 1);
        },
      ),
    );
  });
});

describe("kanzakiClass", () => {
  test("bounds", () => {
    const names = [0, 0.1, 10, 10.1, 20, 30, 40, 40.1, 80].map((mm) => kanzakiClass(mm).name);
    expect(names).toEqual(["intrameatal", "small", "small", "medium", "medium", "moderately large", "large", "giant", "giant"]);
    expect(kanzakiClass(25)).toEqual({ grade: 3, name: "moderately large" });
  });

  test("refuses", () => {
    for (const mm of [-1, Number.NaN, Infinity]) expect(codeOf(() => kanzakiClass(mm))).toBe("out-of-range");
  });
});
