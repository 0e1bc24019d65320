import { describe, expect, test } from "vitest";
import { orientation } from "../../src/geometry/index.js";
import { createGrid } from "../../src/index.js";
import { golden } from "../support/golden.js";

const nibabel = golden<{ affines: Float64Array; codes: string[] }>("geometry/orientation");

describe("orientation", () => {
  test("of a plain grid is RAS, and each sign has its letter", () => {
    expect(orientation(createGrid({ shape: [1, 2, 3] }))).toBe("RAS");
    const of = (...affine: number[]) => orientation(createGrid({ shape: [2, 2, 2], affine }));
    expect(of(-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)).toBe("LAS");
    expect(of(0, 0, 2, 5, -1, 0, 0, 6, 0, -3, 0, 7)).toBe("PIR");
  });

  test("is nibabel's for oblique and sheared affines", () => {
    expect(nibabel.codes.length).toBe(400);
    nibabel.codes.forEach((code, n) => {
      const affine = nibabel.affines.slice(16 * n, 16 * n + 16);
      expect(orientation(createGrid({ shape: [2, 2, 2], affine }))).toBe(code);
    });
  });
});
