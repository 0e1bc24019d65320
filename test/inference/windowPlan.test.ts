import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wholeWindow, windowPlan } from "../../src/inference/windowPlan.js";
import { shape } from "../support/arbitraries.js";
import { golden } from "../support/golden.js";
import { windows } from "./predictors.js";

interface Starts {
  readonly length: number;
  readonly size: number;
  readonly overlap: number;
  readonly nnunet: readonly number[];
  readonly monai: readonly number[];
}

describe("windowPlan", () => {
  test("examples", () => {
    // Chen 2025: tiles of 128×160, half overlapping, of a slice of 240×240: (240 − 128) / 64 = 1.75, so two steps of 56.
    expect(windowPlan([240, 240, 1], { window: [128, 160, 1] })).toEqual({
      window: [128, 160, 1],
      marginVoxels: 0,
      starts: [[0, 56, 112], [0, 80], [0]],
      count: 6,
    });
    // MONAI steps by 64 and shifts the last window back.
    expect(windowPlan([240, 240, 1], { window: [128, 160, 1], placement: "monai" }).starts).toEqual([[0, 64, 112], [0, 80], [0]]);
  });

  test("rounds half to even: steps of 2.5 and 1.5", () => {
    expect(windowPlan([14, 1, 1], { window: [4, 1, 1], overlap: 0.25 }).starts[0]).toEqual([0, 2, 5, 8, 10]);
    expect(windowPlan([7, 1, 1], { window: [4, 1, 1], overlap: 0.5 }).starts[0]).toEqual([0, 2, 3]);
  });

  test("a volume smaller than the window lies centred in it, the odd voxel of padding above", () => {
    expect(windowPlan([5, 8, 9], { window: [8, 8, 8] }).starts).toEqual([[-1], [0], [0, 1]]);
    expect(windowPlan([1, 1, 1], { window: [2, 3, 4], placement: "monai" }).starts).toEqual([[0], [-1], [-1]]);
  });

  test("an overlap of 0.9 is a tenth of a window, though 1 − 0.9 is less in float64", () => {
    expect(windowPlan([20, 1, 1], { window: [10, 1, 1], overlap: 0.9 }).starts[0]).toHaveLength(11);
  });

  test("margins: windows step by no more than what lies between them", () => {
    // 32 − 2·8 = 16 voxels count in each, of which overlap 0.25 would skip some.
    expect(windowPlan([64, 1, 1], { window: [32, 1, 1], overlap: 0.25, marginVoxels: 8 }).starts[0]).toEqual([0, 16, 32]);
    const monai = { window: [32, 1, 1], overlap: 0, marginVoxels: 8, placement: "monai" } as const;
    expect(windowPlan([70, 1, 1], monai).starts[0]).toEqual([0, 16, 32, 38]);
    expect(() => windowPlan([64, 1, 1], { window: [16, 1, 1], marginVoxels: 8 })).toThrow(/leave nothing to step by/);
    // Where one window takes in all there is nothing to step by.
    expect(windowPlan([16, 1, 1], { window: [16, 1, 1], marginVoxels: 8 }).starts[0]).toEqual([0]);
    for (const wrong of [-1, 0.5, NaN])
      expect(() => windowPlan([64, 1, 1], { window: [16, 1, 1], marginVoxels: wrong })).toThrow(/marginVoxels/);
  });

  test("aligned windows begin where cells of the whole volume's window do", () => {
    // 155 voxels become 160, of which 2 lie below: windows begin at −2 and multiples of 8 after it.
    const { starts } = windowPlan([155, 1, 1], { window: [64, 1, 1], alignedTo: [8, 1, 1] });
    expect(starts[0]).toEqual([-2, 30, 62, 94]);
    expect(() => windowPlan([155, 1, 1], { window: [60, 1, 1], alignedTo: [8, 1, 1] })).toThrow(/must be multiples/);
    expect(() => windowPlan([155, 1, 1], { window: [64, 1, 1], alignedTo: [0, 1, 1] })).toThrow(/alignedTo/);
  });

  test("law: aligned or with margins, what counts of the windows covers every voxel", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 10 }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.constantFrom("nnunet" as const, "monai" as const),
        (length, cells, unit, marginVoxels, overlap, placement) => {
          const size = cells * unit;
          fc.pre(size - 2 * marginVoxels >= unit);
          const options = { window: [size, 1, 1], alignedTo: [unit, 1, 1], overlap, placement, marginVoxels } as const;
          const starts = windowPlan([length, 1, 1], options).starts[0];
          const first = -Math.floor((Math.ceil(length / unit) * unit - length) / 2);
          const counted = new Set<number>();
          for (const start of starts) {
            if (starts.length > 1) expect((start - first) % unit).toBe(0);
            const from = start > 0 ? start + marginVoxels : 0;
            const to = start + size < length ? start + size - marginVoxels : length;
            for (let i = from; i < to; i++) counted.add(i);
          }
          expect(counted.size).toBe(length);
          expect([...new Set(starts)].sort((a, b) => a - b)).toEqual(starts);
        },
      ),
    ));

  test("refuses", () => {
    const window = [4, 4, 4] as const;
    for (const overlap of [1, -0.1, NaN]) expect(() => windowPlan([8, 8, 8], { window, overlap })).toThrow(/overlap must be 0/);
    for (const wrong of [0, 2.5, NaN, -1]) expect(() => windowPlan([8, 8, 8], { window: [4, wrong, 4] })).toThrow(/window/);
    expect(() => windowPlan([8, 8, 8], { window: [4, 4] as never })).toThrow(/three numbers/);
    expect(() => windowPlan([8, 8, 8], { window, placement: "x" as never })).toThrow(/placement/);
  });

  test.each(golden<{ starts: Starts[] }>("inference/windows").starts)(
    "starts as nnU-Net and MONAI have them: $length voxels, windows of $size, overlap $overlap",
    ({ length, size, overlap, nnunet, monai }) => {
      const along = (placement: "nnunet" | "monai") =>
        windowPlan([length, 1, 1], { window: [size, 1, 1], overlap, placement }).starts[0];
      expect(along("nnunet")).toEqual(nnunet);
      expect(along("monai")).toEqual(monai);
    },
  );

  test("law: every voxel is covered, no window leaves the volume unless it is larger, and starts rise", () =>
    fc.assert(
      fc.property(shape(40), windows(12), (size, options) => {
        const { starts, window, count } = windowPlan(size, options);
        expect(count).toBe(starts[0].length * starts[1].length * starts[2].length);
        starts.forEach((along, axis) => {
          const [length, extent] = [size[axis]!, window[axis]!];
          expect(along.every((start, m) => m === 0 || start > along[m - 1]!)).toBe(true);
          if (extent > length) {
            expect(along).toEqual([0 - Math.floor((extent - length) / 2)]);
            return;
          }
          expect(along[0]).toBe(0);
          expect(along.at(-1)).toBe(length - extent);
          expect(along.every((start, m) => m === 0 || start <= along[m - 1]! + extent)).toBe(true);
        });
      }),
    ));
});

describe("wholeWindow", () => {
  test("rounds up", () => {
    expect(wholeWindow([182, 218, 1])).toEqual([182, 218, 1]);
    expect(wholeWindow([182, 218, 184], { divisibleBy: [8, 8, 8] })).toEqual([184, 224, 184]);
    expect(() => wholeWindow([1, 2, 3], { divisibleBy: [0, 1, 1] })).toThrow(/divisibleBy/);
  });
});
