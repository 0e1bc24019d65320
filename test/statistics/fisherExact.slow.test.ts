import { expect, test } from "vitest";
import { fisherExact } from "../../src/statistics/index.js";
import { codeOf } from "../metrics/oracles.js";

test("R's fisher.test(Job): 4×4, 104 people", () => {
  const job = [
    [1, 2, 1, 0],
    [3, 3, 6, 1],
    [10, 10, 14, 9],
    [6, 7, 12, 11],
  ];
  expect(fisherExact(job)).toBeCloseTo(0.7827, 4);
});

test("refuses a table with too many others of its margins", () => {
  const large = Array.from({ length: 8 }, () => new Array<number>(8).fill(9));
  expect(codeOf(() => fisherExact(large))).toBe("unsupported");
});
