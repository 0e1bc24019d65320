import { GadoliniteError } from "../core/errors.js";
import { checkNonNegativeInteger, checkOneOf } from "../internal/check.js";
import { ALTERNATIVES, type Alternative } from "./alternative.js";
import { logGamma } from "./incompleteBeta.js";

export interface FisherExactOptions {
  /** `"greater"` and `"less"` ask whether the first cell is larger, or smaller, than chance has it; of a 2×2 table only. Default `"two-sided"`. */
  readonly alternative?: Alternative;
}

// Tables are as likely as the one seen if their weights agree to this: R's tolerance.
const SAME = 1e-7;
// Some three seconds, and some 100 MB.
const MOST_STEPS = 10_000_000;
const MOST_NODES = 500_000;

/**
 * Fisher's exact test of a table of counts; with more than two rows or columns it is Freeman and Halton's.
 *
 *     p = Σ P(table) over all tables with these margins that are no likelier than the one seen
 *
 * @param table counts, row by row; rows of one length, 2×2 or larger. Rows and columns without a count don't matter
 * @returns p; 1 if only one table has these margins
 * @throws `out-of-range` if the table is not rectangular, smaller than 2×2, a count is not an integer of 0 or more, or a one-sided test is asked of more
 *   than 2×2; `unsupported` if there are too many tables to count (pool rare categories then)
 * @see Fisher 1935, J R Stat Soc 98:39; Freeman and Halton 1951, Biometrika 38:141
 * @example
 * fisherExact([[58, 49], [41, 38]]); // 0.768
 */
export function fisherExact(
  table: readonly (readonly number[])[],
  { alternative = "two-sided" }: FisherExactOptions = {},
): number {
  checkOneOf("alternative", alternative, ALTERNATIVES);
  const columns = table[0]?.length ?? 0;
  if (table.length < 2 || columns < 2 || table.some((row) => row.length !== columns))
    throw new GadoliniteError("out-of-range", "A table needs two or more rows of one length, two or more.");
  for (const row of table) for (const count of row) checkNonNegativeInteger("A count of the table", count);
  if (table.length === 2 && columns === 2) return fisher2x2(table, alternative);
  if (alternative !== "two-sided")
    throw new GadoliniteError(
      "out-of-range",
      `A table of ${table.length}×${columns} has no sides: alternative must be "two-sided".`,
    );
  return freemanHalton(table);
}

/** All tables are told by their first cell; their weights follow from one another, from the likeliest on. */
function fisher2x2(table: readonly (readonly number[])[], alternative: Alternative): number {
  const [[a = 0, b = 0] = [], [c = 0, d = 0] = []] = table;
  const [row, column, other] = [a + b, a + c, c + d];
  const low = Math.max(0, column - other);
  const high = Math.min(row, column);
  const ratio = (k: number) => ((row - k + 1) * (column - k + 1)) / (k * (other - column + k));
  const weights = new Float64Array(high - low + 1);
  const mode = Math.min(high, Math.max(low, Math.floor(((row + 1) * (column + 1)) / (row + other + 2))));
  weights[mode - low] = 1;
  for (let k = mode + 1; k <= high; k++) weights[k - low] = weights[k - 1 - low]! * ratio(k);
  for (let k = mode - 1; k >= low; k--) weights[k - low] = weights[k + 1 - low]! / ratio(k + 1);
  const seen = weights[a - low]! * (1 + SAME);
  const counts = (k: number) =>
    alternative === "two-sided" ? weights[k - low]! <= seen : alternative === "less" ? k <= a : k >= a;
  let [extreme, total] = [0, 0];
  // From the ends inwards, small before large.
  const order = Array.from(weights, (_, n) => low + n).sort((p, q) => weights[p - low]! - weights[q - low]!);
  for (const k of order) {
    total += weights[k - low]!;
    if (counts(k)) extreme += weights[k - low]!;
  }
  return Math.min(1, extreme / total);
}

/**
 * Fills the table column by column. What matters of the columns done is how much of each row is left, in whatever order, and how likely they
 * were, so tables that agree in both go on together. Where all ways to fill the rest count, or none, they aren't gone through: their sum is known.
 * The last two columns of each are weighed at once.
 */
function freemanHalton(table: readonly (readonly number[])[]): number {
  // The longer side is gone through, the shorter one held.
  const wide = table[0]!.length >= table.length ? table : table[0]!.map((_, c) => table.map((row) => row[c]!));
  const rows = wide.map((row) => sumOf(row));
  const columns = wide[0]!.map((_, c) => sumOf(wide.map((row) => row[c]!))).sort((a, b) => a - b);
  const n = sumOf(rows);
  const logFactorial = Float64Array.from({ length: n + 1 }, (_, k) => (k < 2 ? 0 : logGamma(k + 1)));
  const logOf = (counts: readonly number[]) => counts.reduce((sum, v) => sum - logFactorial[v]!, 0);
  const limit = sumOf(wide.map(logOf)) + SAME;
  // Over all tables with these margins, Σ Π 1 / cell! = n! / (Π row! · Π column!).
  const total = logOf(rows) + logOf(columns) - logOf([n]);
  const spend = budget();
  let states: Iterable<Group> = [{ left: rows, byWeight: new Map([[0, { log: 0, count: 1 }]]) }];
  let p = 0;
  for (let done = 0; done < columns.length - 2; done++) {
    const rest = restOf(columns.slice(done + 1), rows.length, logFactorial);
    const settle = (left: readonly number[], { log, count }: Weighed, bounds: Bounds): boolean => {
      if (log + bounds.most <= limit) p += count * Math.exp(log + rest.total(left) - total);
      return log + bounds.most <= limit || log + bounds.least > limit;
    };
    states = withColumn(states, columns[done]!, logFactorial, spend, rest.bounds, settle).values();
  }
  for (const { left, byWeight } of states) {
    const list: number[] = [];
    const bothCells = (r: number, v: number) => -logFactorial[v]! - logFactorial[left[r]! - v]!;
    eachFilling(left, columns.at(-2)!, bothCells, (_, log) => {
      spend(1, 0);
      list.push(log);
    });
    const ends = Float64Array.from(list).sort();
    const top = ends.at(-1)!;
    let within = 0;
    const shares = Float64Array.from(ends, (end) => {
      within += Math.exp(end - top);
      return within;
    });
    for (const { log, count } of byWeight.values()) {
      const extreme = countUpTo(ends, limit - log);
      if (extreme > 0) p += count * Math.exp(log + top - total) * shares[extreme - 1]!;
    }
  }
  return Math.min(1, p);
}

const sumOf = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0);

/** How many of the sorted values are at most `limit`. */
function countUpTo(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Spend = (steps: number, nodes: number) => void;

/** Counts steps and what is kept, and throws `unsupported` when there has been too much of either. */
function budget(): Spend {
  let [spent, kept] = [0, 0];
  return (steps, nodes) => {
    spent += steps;
    kept += nodes;
    if (spent > MOST_STEPS || kept > MOST_NODES)
      throw new GadoliniteError(
        "unsupported",
        "There are too many tables with these margins to count them all. Pool rare categories.",
      );
  };
}

/** Bounds of −Σ ln cell! over all ways to fill the columns that are left. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** What is known of the columns that are left without filling them: bounds of a way's weight, and the logarithm of the sum of all ways'. */
function restOf(columns: readonly number[], rowCount: number, logFactorial: Float64Array) {
  // Cells of one line weigh most where they are equal, and least where one holds all: ln x! is convex.
  const most = (cells: number) => (v: number) => -cells * logGamma(v / cells + 1);
  const byRow = Float64Array.from(logFactorial, (_, v) => most(columns.length)(v));
  const columnsMost = sumOf(columns.map(most(rowCount)));
  const columnsLeast = -sumOf(columns.map((v) => logFactorial[v]!));
  const bounds = (left: readonly number[]): Bounds => ({
    least: Math.max(columnsLeast, -sumOf(left.map((v) => logFactorial[v]!))),
    most: Math.min(columnsMost, sumOf(left.map((v) => byRow[v]!))),
  });
  const total = (left: readonly number[]) => logFactorial[sumOf(left)]! - sumOf(left.map((v) => logFactorial[v]!)) + columnsLeast;
  return { bounds, total };
}

/** All ways to fill one more column, but for those that are settled. */
function withColumn(
  states: Iterable<Group>,
  column: number,
  logFactorial: Float64Array,
  spend: Spend,
  boundsOf: (left: readonly number[]) => Bounds,
  settle: (left: readonly number[], past: Weighed, bounds: Bounds) => boolean,
): Map<string, Group> {
  const next = new Map<string, Group>();
  const cell = (_: number, v: number) => -logFactorial[v]!;
  for (const { left, byWeight } of states)
    eachFilling(left, column, cell, (filling, log) => {
      const rest = left.map((v, r) => v - filling[r]!).sort((a, b) => a - b);
      const bounds = boundsOf(rest);
      // To sort and to look up costs as much as some ten weights.
      spend(10, 0);
      const key = rest.join();
      const group = next.get(key) ?? { left: rest, byWeight: new Map<number, Weighed>() };
      for (const past of byWeight.values()) {
        const weight = past.log + log;
        spend(1, 0);
        if (settle(rest, { log: weight, count: past.count }, bounds)) continue;
        // Rounded, so that equal weights reached by other sums meet.
        const slot = Math.round(weight * 1e9);
        const same = group.byWeight.get(slot);
        if (same) same.count += past.count;
        else {
          group.byWeight.set(slot, { log: weight, count: past.count });
          spend(0, 1);
        }
      }
      if (group.byWeight.size > 0) next.set(key, group);
    });
  return next;
}

/** Ways to fill the columns so far that leave the same of each row, by their weight. */
interface Group {
  readonly left: readonly number[];
  readonly byWeight: Map<number, Weighed>;
}

/** Ways of one weight, −Σ ln cell!: how many there are. */
interface Weighed {
  readonly log: number;
  count: number;
}

/**
 * Calls `visit` with each way to take `total` from what is left of the rows, and the sum of `weigh(row, count)` over the rows. The array is
 * used again.
 */
function eachFilling(
  left: readonly number[],
  total: number,
  weigh: (row: number, count: number) => number,
  visit: (filling: readonly number[], weight: number) => void,
): void {
  const filling = new Array<number>(left.length).fill(0);
  // What the rows from this one on can take at most.
  const room = left.map((_, r) => sumOf(left.slice(r)));
  const go = (row: number, open: number, weight: number) => {
    if (row === left.length) {
      visit(filling, weight);
      return;
    }
    const least = Math.max(0, open - (room[row + 1] ?? 0));
    for (let v = least; v <= Math.min(open, left[row]!); v++) {
      filling[row] = v;
      go(row + 1, open - v, weight + weigh(row, v));
    }
  };
  go(0, total, 0);
}
