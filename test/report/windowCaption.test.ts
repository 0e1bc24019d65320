import { describe, expect, test } from "vitest";
import { createGrid, createMask, createVolume } from "../../src/index.js";
import { windowCaption } from "../../src/report/index.js";
import { codeOf } from "../metrics/oracles.js";

const grid = createGrid({ shape: [5, 1, 1] });
const volume = createVolume(Float32Array.of(-40, 0, 20, 80, 100), grid);

describe("windowCaption", () => {
  test("level and width, with true minus signs", () => {
    expect(windowCaption({ low: -0.25, high: 1 })).toBe("window −0.25 to 1 (level 0.375, width 1.25)");
    expect(windowCaption({ low: 0, high: 1 / 3 }, { decimals: 2 })).toBe("window 0.00 to 0.33 (level 0.17, width 0.33)");
  });

  test("percentiles in numbers, as a montage shows them: around 0 on a diverging map", () => {
    const window = { percentiles: [0, 75], of: volume } as const;
    expect(windowCaption(window)).toBe("window −40 to 80 (level 20, width 120), percentiles 0 to 75");
    expect(windowCaption(window, { colormap: "diverging" })).toBe("window −80 to 80 (level 0, width 160), percentiles 0 to 75");
    const mask = createMask([0, 1, 1, 0, 0], grid);
    expect(windowCaption({ ...window, percentiles: [0, 100], mask })).toBe(
      "window 0 to 20 (level 10, width 20), percentiles 0 to 100 within the mask",
    );
  });

  test("refuses what a montage refuses", () => {
    expect(codeOf(() => windowCaption({ low: 1, high: 1 }))).toBe("out-of-range");
    expect(codeOf(() => windowCaption({ percentiles: [50, 50], of: volume }))).toBe("out-of-range");
    expect(codeOf(() => windowCaption({ percentiles: [0, 101], of: volume }))).toBe("out-of-range");
  });
});
