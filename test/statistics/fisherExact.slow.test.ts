import { expect, test } from "vitest";
import { fisherExact } from "../../src/statistics/index.js";
import { codeOf } from "../metrics/oracles.js";

test.each([
  ["8×8, 576 people", 8, 8, 9],
  ["5×5, 500 people", 5, 5, 20],
  ["3×12, 720 people", 3, 12, 20],
])("refuses a table with too many others of its margins: %s", (_, rows, columns, each) => {
  const large = Array.from({ length: rows }, () => new Array<number>(columns).fill(each));
  // Not the table of equal counts, which is the likeliest: all others count then.
  large[0]![0]! += 9;
  expect(codeOf(() => fisherExact(large))).toBe("unsupported");
});
