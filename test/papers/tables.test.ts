import { describe, expect, test } from "vitest";
import { PAPERS, page } from "./page.js";

describe.each(Object.entries(PAPERS))("%s", (_, rowsOf) => {
  test.each(rowsOf().map((row) => [`${row.where}: ${row.what}`, row] as const))("%s", (__, row) => {
    if (row.verdict === "agrees") expect(row.recomputed).toBe(row.printed);
    else {
      expect(row.recomputed).not.toBe(row.printed);
      expect(row.note).toBeTruthy();
    }
  });
});

test("the slips that are known are found", () => {
  const wrong = Object.values(PAPERS).flatMap((rowsOf) => rowsOf().filter(({ verdict }) => verdict === "wrong"));
  for (const printed of ["59 %", "16/8 (73 %)", "0.96 s", "1.10 s", "0.98 s", "140 ms", "48", "16 %", "0.673"])
    expect(wrong.map((row) => row.printed)).toContain(printed);
});

test("docs/papers-tables.md holds these rows, and no others", async () => {
  await expect(page()).toMatchFileSnapshot("../../docs/papers-tables.md");
});
