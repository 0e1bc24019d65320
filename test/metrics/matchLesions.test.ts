import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { detection, type Lesion, matchLesions } from "../../src/metrics/index.js";
import { codeOf } from "./oracles.js";

const at = (x: number, longMm = 8, shortMm = longMm / 2): Lesion => ({ centerMm: [x, 0, 0], longMm, shortMm });

describe("matchLesions", () => {
  test("closer than half the mean of the reference's axes, strictly", () => {
    // (8 + 4) / 4 = 3 mm.
    expect(matchLesions([at(0)], [at(2.999, 1)]).pairs).toEqual([{ reference: 0, detection: 0, distanceMm: 2.999 }]);
    expect(matchLesions([at(0)], [at(3, 100)])).toEqual({ pairs: [], missed: [0], falsePositives: [0] });
  });

  test("one to one, nearest first", () => {
    const { pairs, missed, falsePositives } = matchLesions([at(0), at(3)], [at(1), at(2.5), at(2)]);
    expect(pairs.map(({ reference, detection }) => [reference, detection])).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect([missed, falsePositives]).toEqual([[], [2]]);
  });

  test("ties go to the lower reference, then the lower detection", () => {
    expect(matchLesions([at(-1), at(1)], [at(0)]).missed).toEqual([1]);
    expect(matchLesions([at(0)], [at(1), at(-1)]).falsePositives).toEqual([1]);
  });

  test("empty lists", () => {
    expect(matchLesions([], [])).toEqual({ pairs: [], missed: [], falsePositives: [] });
    expect(matchLesions([at(0)], [])).toEqual({ pairs: [], missed: [0], falsePositives: [] });
    expect(matchLesions([], [at(0)])).toEqual({ pairs: [], missed: [], falsePositives: [0] });
  });

  test("refuses", () => {
    expect(() => matchLesions([at(0), at(Number.NaN)], [])).toThrowError(/reference\[1\]/);
    expect(() => matchLesions([], [at(0, -1)])).toThrowError(/detections\[0\]/);
  });

  describe("laws", () => {
    const lesion = fc.record({
      centerMm: fc.tuple(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 }), fc.constant(0)),
      longMm: fc.integer({ min: 1, max: 12 }),
      shortMm: fc.integer({ min: 1, max: 6 }),
    });
    const lesions = () => fc.array(lesion, { maxLength: 7 });

    test("each lesion and each detection is counted once, and no near pair is left over", () => {
      fc.assert(
        fc.property(lesions(), lesions(), (reference, detections) => {
          const { pairs, missed, falsePositives } = matchLesions(reference, detections);
          const all = (n: number) => Array.from({ length: n }, (_, i) => i);
          const sorted = (list: number[]) => list.sort((a, b) => a - b);
          expect(sorted([...pairs.map((p) => p.reference), ...missed])).toEqual(all(reference.length));
          expect(sorted([...pairs.map((p) => p.detection), ...falsePositives])).toEqual(all(detections.length));
          const near = (r: number, d: number) => {
            const { centerMm, longMm, shortMm } = reference[r]!;
            return Math.hypot(...centerMm.map((v, n) => v - detections[d]!.centerMm[n]!)) < (longMm + shortMm) / 4;
          };
          for (const { reference: r, detection: d } of pairs) expect(near(r, d)).toBe(true);
          for (const r of missed) for (const d of falsePositives) expect(near(r, d)).toBe(false);
        }),
      );
    });

    test("the order of the lists changes no count", () => {
      const shuffled = fc
        .tuple(lesions(), lesions())
        .chain(([r, d]) =>
          fc.tuple(
            fc.constant(r),
            fc.constant(d),
            fc.shuffledSubarray(r, { minLength: r.length }),
            fc.shuffledSubarray(d, { minLength: d.length }),
          ),
        );
      fc.assert(
        fc.property(shuffled, ([r, d, r2, d2]) => {
          // Only where no two distances tie is the pairing unique.
          const distances = r.flatMap((a) => d.map((b) => Math.hypot(...a.centerMm.map((v, n) => v - b.centerMm[n]!))));
          fc.pre(new Set(distances).size === distances.length);
          expect(matchLesions(r2, d2).pairs.length).toBe(matchLesions(r, d).pairs.length);
        }),
      );
    });
  });
});

describe("detection", () => {
  test("sizes: lesions by their own long axis, false positives by theirs; matched before they are sorted", () => {
    // A detection of 2 mm finds a lesion of 12 mm; a false one of 6 mm; a lesion of 7 mm is missed.
    const [all, from5, from10] = detection([
      { reference: [at(0, 12), at(50, 7)], detections: [at(1, 2), at(100, 6)] },
      { reference: [], detections: [] },
    ]);
    expect(all).toEqual({
      minSizeMm: 0,
      cases: 2,
      lesions: 2,
      found: 1,
      missed: 1,
      falsePositives: 1,
      sensitivity: 0.5,
      ppv: 0.5,
      f1: 0.5,
      falsePositivesPerCase: 0.5,
    });
    expect(from5).toMatchObject({ lesions: 2, found: 1, falsePositives: 1 });
    expect(from10).toMatchObject({ lesions: 1, found: 1, falsePositives: 0, sensitivity: 1, ppv: 1, f1: 1 });
  });

  test("without lesions and marks nothing is defined", () => {
    const [result] = detection([{ reference: [], detections: [] }], { minSizesMm: [0] });
    expect([result!.sensitivity, result!.ppv, result!.f1, result!.falsePositivesPerCase]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      0,
    ]);
  });

  test("refuses", () => {
    expect(codeOf(() => detection([]))).toBe("out-of-range");
    expect(() => detection([{ reference: [], detections: [] }], { minSizesMm: [-1] })).toThrowError(/minSizesMm/);
  });

  test("Bône's table 5: rates follow from the counts", () => {
    // Lesions, found and false positives in 79 cases; per cent and FDR as printed.
    const printed = [
      [187, 106, 3, 57, 97, 72, 0.04],
      [187, 138, 7, 74, 95, 83, 0.09],
      [187, 111, 5, 59, 96, 73, 0.06],
      [187, 142, 15, 76, 90, 83, 0.19],
      [145, 100, 2, 69, 98, 81, 0.03],
      [145, 124, 3, 86, 98, 91, 0.04],
      [145, 103, 5, 71, 95, 81, 0.06],
      [89, 77, 0, 87, 100, 93, 0],
      [89, 85, 1, 96, 99, 97, 0.01],
      [89, 79, 3, 89, 96, 92, 0.04],
      [89, 85, 2, 96, 98, 97, 0.03],
    ] as const;
    for (const [lesions, found, wrong, sensitivity, ppv, f1, fdr] of printed) {
      const reference = Array.from({ length: lesions }, (_, n) => at(100 * n));
      const detections = [...reference.slice(0, found), ...Array.from({ length: wrong }, (_, n) => at(100 * n + 50))];
      const empty = new Array(78).fill({ reference: [], detections: [] });
      const [result] = detection([{ reference, detections }, ...empty], { minSizesMm: [0] });
      const percent = (v: number) => Math.round(100 * v);
      expect([percent(result!.sensitivity), percent(result!.ppv), percent(result!.f1)]).toEqual([sensitivity, ppv, f1]);
      expect(result!.falsePositivesPerCase.toFixed(2)).toBe(fdr.toFixed(2));
    }
  });
});
