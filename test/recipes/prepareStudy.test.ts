import { describe, expect, test } from "vitest";
import { pad } from "../../src/geometry/pad.js";
import { createGrid, createVolume, type Study, type Volume } from "../../src/index.js";
import { prepareStudy } from "../../src/recipes/prepareStudy.js";
import { smallStudy } from "./pair.js";

const withPost = (study: Study, volume: Volume): Study => ({ ...study, postContrast: [{ volume, dose: 1 }] });

describe("prepareStudy", () => {
  test.each(["radiometric", "histogram-peaks"] as const)("undoes the second scan's gain (%s)", (calibration) => {
    const { calibration: done, pre, post, lesions } = prepareStudy(smallStudy(1, { gain: 1.7 }), { calibration });
    expect(done.method).toBe(calibration);
    // Unenhanced tissue is 2 % brighter after contrast, which a gain takes up in part.
    expect(done.gain).toBeGreaterThan(0.95 / 1.7);
    expect(done.gain).toBeLessThan(1.02 / 1.7);
    let [sum, count] = [0, 0];
    for (let i = 0; i < pre.data.length; i++)
      if (pre.data[i] !== 0 && !lesions!.data[i]) {
        sum += post.data[i]! - pre.data[i]!;
        count++;
      }
    expect(Math.abs(sum / count)).toBeLessThan(0.03);
  });

  test("the brain's 95th percentile is 1, the background stays 0, the study is not changed", () => {
    const study = smallStudy(2);
    const before = Float32Array.from(study.preContrast.data);
    const { pre, post, brain, content, unit } = prepareStudy(study, { calibration: "histogram-peaks" });
    const sorted = pre.data.filter((_, i) => brain.data[i]).sort();
    expect(sorted[Math.floor(0.95 * sorted.length)]).toBeCloseTo(1, 2);
    expect(unit).toBeGreaterThan(300);
    expect(post.data.every((v, i) => content.data[i] || v === 0)).toBe(true);
    expect(study.preContrast.data).toEqual(before);
  });

  test("more empty space around changes nothing but the box", () => {
    const study = smallStudy(3);
    const wide = <V extends Volume>(volume: V) => pad(volume, { before: [9, 7, 8], after: [3, 12, 10], value: 0 }) as V;
    const padded: Study = {
      ...withPost(study, wide(study.postContrast[0]!.volume)),
      preContrast: wide(study.preContrast),
      brain: pad(study.brain!, { before: [9, 7, 8], after: [3, 12, 10], value: 0 }),
      lesions: pad(study.lesions!, { before: [9, 7, 8], after: [3, 12, 10], value: 0 }),
    };
    const [a, b] = [prepareStudy(study), prepareStudy(padded)];
    // The first volume has less than the margin around its ball, so compare voxels of the ball.
    const inside = ({ post, content }: typeof a) => post.data.filter((_, i) => content.data[i]);
    expect(inside(b)).toEqual(inside(a));
    expect(b.noise).toEqual(a.noise);
  });

  test("a post-contrast scan on another grid is resampled, and that is said", () => {
    const study = smallStudy(4);
    const { data, grid } = study.postContrast[0]!.volume;
    const affine = Float64Array.from(grid.affine);
    affine[3]! += 1;
    const shifted = createVolume(data, createGrid({ shape: grid.shape, affine }));
    const { pre, post, remarks } = prepareStudy(withPost(study, shifted));
    expect(post.grid).toEqual(pre.grid);
    expect(remarks.join()).toMatch(/different grids.*resampled.*not registered/);
  });

  test("says what it takes for the brain", () => {
    const { brain, ...study } = smallStudy(5);
    const prepared = prepareStudy(study);
    expect(prepared.remarks.join()).toMatch(/stripped/);
    expect(prepared.brain.data.reduce((sum, v) => sum + v, 0)).toBe(brain!.data.reduce((sum, v) => sum + v, 0));
  });

  describe("refuses", () => {
    const study = smallStudy(6);
    const filled = (value: number) =>
      createVolume(
        study.preContrast.data.map(() => value),
        study.preContrast.grid,
      );
    const broken = (value: number) => createVolume(study.preContrast.data.with(5000, value), study.preContrast.grid);
    test.each([
      ["no post-contrast scan", { ...study, postContrast: [] }, "not-prepared", /no post-contrast scan/],
      ["a constant scan", { ...study, preContrast: filled(3) }, "out-of-range", /pre-contrast scan is constant/],
      ["an empty scan", withPost(study, filled(0)), "out-of-range", /post-contrast scan is constant/],
      ["NaN", { ...study, preContrast: broken(Number.NaN) }, "out-of-range", /pre-contrast scan has voxels that are NaN/],
      ["infinity", withPost(study, broken(Infinity)), "out-of-range", /post-contrast scan has voxels that are NaN/],
      [
        "an empty brain",
        { ...study, brain: { ...study.brain!, data: new Uint8Array(study.brain!.data.length) } },
        "empty-mask",
        /brain mask/,
      ],
      [
        "an empty lesion",
        { ...study, lesions: { ...study.lesions!, data: new Uint8Array(study.lesions!.data.length) } },
        "empty-mask",
        /lesion mask/,
      ],
    ] as const)("%s", (_, bad, code, message) => {
      expect(() => prepareStudy(bad as Study)).toThrowError(expect.objectContaining({ code }));
      expect(() => prepareStudy(bad as Study)).toThrowError(message);
    });
    test("an unknown calibration", () => {
      expect(() => prepareStudy(study, { calibration: "magic" as never })).toThrowError(/calibration must be one of/);
    });
  });
});
