import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../src/internal/random.js";
import { type Alternative, fisherExact } from "../../src/statistics/index.js";
import { codeOf } from "../metrics/oracles.js";
import { golden } from "../support/golden.js";
import { relativeError } from "./oracles.js";

describe("fisherExact", () => {
  test("Bône's table 2: sex and indication", () => {
    expect(
      fisherExact([
        [58, 49],
        [41, 38],
      ]),
    ).toBeCloseTo(0.768, 3);
    expect(
      fisherExact([
        [22, 8],
        [52, 44],
        [1, 0],
        [32, 27],
      ]),
    ).toBeCloseTo(0.175, 3);
  });

  test("R's example", () => {
    // fisher.test(TeaTasting, alternative = "greater"), in R's documentation.
    const tea = [
      [3, 1],
      [1, 3],
    ];
    expect(fisherExact(tea, { alternative: "greater" })).toBeCloseTo(0.2429, 4);
  });

  test("R's larger example: fisher.test(Job), 104 people", () => {
    const job = [
      [1, 2, 1, 0],
      [3, 3, 6, 1],
      [10, 10, 14, 9],
      [6, 7, 12, 11],
    ];
    expect(fisherExact(job)).toBeCloseTo(0.7827, 4);
  });

  test("a table too large to enumerate agrees with people dealt out at random", () => {
    const table = [
      [6, 2, 1, 4],
      [2, 5, 4, 3],
      [1, 4, 8, 5],
      [6, 1, 2, 6],
    ];
    const people = table.flatMap((row, r) => row.flatMap((n, c) => new Array<[number, number]>(n).fill([r, c])));
    const logFactorial = [0];
    for (let n = 1; n <= people.length; n++) logFactorial.push(logFactorial[n - 1]! + Math.log(n));
    const weightOf = (cells: readonly number[]) => cells.reduce((sum, n) => sum - logFactorial[n]!, 0);
    const seen = weightOf(table.flat()) + 1e-7;
    const random = createRandom(1);
    const columns = people.map(([, c]) => c);
    const [draws, cells] = [20_000, new Array<number>(16)];
    let extreme = 0;
    for (let draw = 0; draw < draws; draw++) {
      cells.fill(0);
      people.forEach(([r], n) => {
        const other = n + random.integer(columns.length - n);
        [columns[n], columns[other]] = [columns[other]!, columns[n]!];
        cells[4 * r + columns[n]!]!++;
      });
      if (weightOf(cells) <= seen) extreme++;
    }
    const p = fisherExact(table);
    // Four standard errors of a share of 20,000.
    expect(Math.abs(p - extreme / draws)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / draws));
  });

  test("only one table has such margins", () => {
    expect(
      fisherExact([
        [0, 0],
        [3, 4],
      ]),
    ).toBe(1);
    expect(
      fisherExact([
        [0, 0],
        [0, 0],
      ]),
    ).toBe(1);
    expect(
      fisherExact([
        [5, 0, 0],
        [3, 0, 0],
      ]),
    ).toBe(1);
  });

  test("refuses", () => {
    for (const table of [
      [],
      [[1, 2]],
      [[1], [2]],
      [[1, 2], [3]],
      [
        [1, -1],
        [0, 2],
      ],
      [
        [1, 0.5],
        [1, 1],
      ],
      [
        [Number.NaN, 1],
        [1, 1],
      ],
    ])
      expect(codeOf(() => fisherExact(table))).toBe("out-of-range");
    expect(() =>
      fisherExact(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        { alternative: "less" },
      ),
    ).toThrowError(/no sides/);
  });

  describe("laws", () => {
    const table = (rows: number, columns: number, max: number) =>
      fc.array(fc.array(fc.integer({ min: 0, max }), { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      });
    const small = () =>
      fc.tuple(fc.integer({ min: 2, max: 3 }), fc.integer({ min: 2, max: 3 })).chain(([r, c]) => table(r, c, 3));

    test("equals the enumeration of all permutations' tables", () => {
      fc.assert(
        fc.property(small(), (t) => {
          expect(fisherExact(t)).toBeCloseTo(enumerated(t), 10);
        }),
      );
    });

    test("turned on its side, with rows or columns in another order, or with an empty one, it is the same table", () => {
      fc.assert(
        fc.property(small(), (t) => {
          const p = fisherExact(t);
          expect(fisherExact(t[0]!.map((_, c) => t.map((row) => row[c]!)))).toBeCloseTo(p, 12);
          expect(fisherExact([...t].reverse())).toBeCloseTo(p, 12);
          expect(fisherExact(t.map((row) => [...row].reverse()))).toBeCloseTo(p, 12);
          expect(fisherExact(t.map((row) => [...row, 0]))).toBeCloseTo(p, 9);
        }),
      );
    });

    test("the two sides of a 2×2 table overlap in the table seen alone", () => {
      fc.assert(
        fc.property(table(2, 2, 30), (t) => {
          const [greater, less] = (["greater", "less"] as const).map((alternative) => fisherExact(t, { alternative }));
          expect(greater! + less!).toBeGreaterThanOrEqual(1 - 1e-12);
          expect(fisherExact(t)).toBeGreaterThanOrEqual(Math.min(greater!, less!) * (1 - 1e-12));
        }),
      );
    });
  });

  test("equals SciPy", () => {
    const { fisher } = golden<{ fisher: { table: number[][]; alternative: Alternative; pValue: number }[] }>("statistics/tests");
    for (const { table, alternative, pValue } of fisher) {
      const name = `${JSON.stringify(table)} ${alternative}`;
      expect(relativeError(fisherExact(table, { alternative }), pValue), name).toBeLessThan(1e-10);
    }
  });
});

/** All tables with these margins, cell by cell, weighted by n! / Π cells!. */
function enumerated(table: readonly (readonly number[])[]): number {
  const columns = table[0]!.map((_, c) => table.reduce((s, row) => s + row[c]!, 0));
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const weightOf = (t: readonly (readonly number[])[]) => 1 / t.flat().reduce((p, v) => p * factorial(v), 1);
  const seen = weightOf(table);
  let [extreme, total] = [0, 0];
  const fill = (done: readonly (readonly number[])[], left: readonly number[]) => {
    if (done.length === table.length) {
      if (left.some((v) => v !== 0)) return;
      const w = weightOf(done);
      total += w;
      if (w <= seen * (1 + 1e-7)) extreme += w;
      return;
    }
    const sum = table[done.length]!.reduce((s, v) => s + v, 0);
    for (const row of rowsOf(sum, left))
      fill(
        [...done, row],
        left.map((v, c) => v - row[c]!),
      );
  };
  fill([], columns);
  return extreme / total;
}

function rowsOf(sum: number, most: readonly number[]): number[][] {
  if (most.length === 0) return sum === 0 ? [[]] : [];
  return Array.from({ length: Math.min(sum, most[0]!) + 1 }, (_, v) => v).flatMap((v) =>
    rowsOf(sum - v, most.slice(1)).map((rest) => [v, ...rest]),
  );
}
