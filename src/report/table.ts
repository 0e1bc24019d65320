import { GadoliniteError } from "../core/errors.js";
import { formatNumber } from "./formatNumber.js";

/** How a column is headed and its numbers are written. */
export interface Column {
  readonly label: string;
  /** Heading over this column and its neighbours with the same group. */
  readonly group?: string;
  /** Digits after the decimal point of the column's numbers. Default: up to four significant digits. */
  readonly decimals?: number;
  /** Default: right for a column of numbers, else left. */
  readonly align?: "left" | "right" | "center";
}

/** A value with a way of writing it of its own. */
export interface Cell {
  /** A text, a number, or `null` where there is none. */
  readonly value: string | number | null;
  /** Digits after the decimal point; default the column's. */
  readonly decimals?: number;
  /** The best of its kind. Default false. */
  readonly bold?: boolean;
  /** A sign after the value that a note explains, e.g. `"*"`; it does not disturb the column's alignment. Default none. */
  readonly mark?: string;
}

export type TableCell = Cell | Cell["value"];

/** What is printed as one table: columns, rows of as many cells, and what stands above and below. */
export interface Table {
  readonly caption?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly TableCell[])[];
  /** Footnotes: units, tests, marks. */
  readonly notes?: readonly string[];
}

/** A cell as it is printed. */
export interface PrintedCell {
  readonly text: string;
  readonly bold: boolean;
  readonly mark: string;
}

/** A run of neighbouring columns under one group heading. */
export interface ColumnGroup {
  readonly label: string;
  readonly span: number;
}

/** The cells as text, after a check that each row has one for each column. */
export function printedCells({ columns, rows }: Table): readonly (readonly PrintedCell[])[] {
  return rows.map((row, r) => {
    if (row.length !== columns.length)
      throw new GadoliniteError(
        "out-of-range",
        `Row ${r} of the table has ${row.length} cells, but there are ${columns.length} columns. Write null where a value is missing.`,
      );
    return row.map((cell, c) => {
      const { value, decimals = columns[c]!.decimals, bold = false, mark = "" }: Cell = isCell(cell) ? cell : { value: cell };
      const text = value === null ? "–" : typeof value === "number" ? formatNumber(value, { decimals }) : value;
      return { text, bold, mark };
    });
  });
}

export const isCell = (cell: TableCell): cell is Cell => typeof cell === "object" && cell !== null;

// A number as the functions of this folder write it, perhaps with something after it: "−1.5", "<0.001", "0.64 ± 0.11", "7/22 (32 %)".
const NUMERIC = /^[<>]?[−+-]?[\d∞]/;

/** Where each column is aligned. */
export function alignments(table: Table, cells: readonly (readonly PrintedCell[])[]): readonly ("left" | "right" | "center")[] {
  return table.columns.map(({ align }, c) => {
    if (align) return align;
    const texts = cells.map((row) => row[c]!.text).filter((text) => text !== "" && text !== "–" && text !== "NaN");
    return texts.length > 0 && texts.every((text) => NUMERIC.test(text)) ? "right" : "left";
  });
}

/** The group headings from left to right; `undefined` if no column has one. */
export function columnGroups({ columns }: Table): readonly ColumnGroup[] | undefined {
  if (columns.every(({ group }) => !group)) return undefined;
  const groups: { label: string; span: number }[] = [];
  for (const { group = "" } of columns) {
    const last = groups.at(-1);
    if (last && last.label === group && group !== "") last.span++;
    else groups.push({ label: group, span: 1 });
  }
  return groups;
}

/** The columns' headings where there is one line for them: a group's stands before the column's own. */
export const headings = ({ columns }: Table): readonly string[] =>
  columns.map(({ label, group }) => (group ? `${group}: ${label}` : label));
