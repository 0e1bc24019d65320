import { describe, expect, test } from "vitest";
import { fromArrays, fromStudy } from "../../examples/first-steps.js";
import { smallStudy } from "../recipes/pair.js";

describe("first steps", () => {
  test("from ndarrays", () => {
    const { tenth, psnr } = fromArrays();
    expect(tenth).toBe(108);
    // MSE of the two differing voxels: (72² + 144²) / 4.
    expect(psnr).toBeCloseTo(10 * Math.log10(160 ** 2 / ((72 ** 2 + 144 ** 2) / 4)), 5);
  });

  test("from a study", async () => {
    const { low, restored } = await fromStudy(smallStudy(1));
    expect(low).toBeCloseTo(0.33, 5);
    expect(restored).toBeGreaterThan(0.9);
    expect(restored).toBeLessThan(1.1);
  });
});
