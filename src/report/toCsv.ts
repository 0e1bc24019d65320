import { GadoliniteError } from "../core/errors.js";
import { headings, isCell, printedCells, type Table } from "./table.js";

export type CsvValue = string | number | boolean | null | undefined;

/** One line of results: a value under each column's name. */
export type CsvRow = Readonly<Record<string, CsvValue>>;

/**
 * Writes rows, or a table, as comma-separated values (RFC 4180: CRLF, quotes doubled), with a header line.
 *
 * Numbers keep every digit, so that reading them gives the same number; NaN is written `NaN` and the infinities `inf` and
 * `-inf`, which pandas, R and NumPy read. `null`, `undefined` and absent keys are empty fields, an empty string is `""`.
 * Texts are written as they are: a spreadsheet may take one that begins with `=` for a formula.
 *
 * A table's texts are written with their marks, its caption and notes are not; results that are to be worked on belong in rows.
 *
 * @param rows    objects of one shape or of several; or a table
 * @param columns names of the columns in their order; default all keys in the order in which they first occur
 * @returns the text; without rows, the header alone
 * @throws `out-of-range` if a name is given twice, or a table's row has another number of cells than there are columns
 * @see RFC 4180, "Common Format and MIME Type for CSV Files"
 * @example
 * toCsv([{ case: "p19", psnr: 31.25 }]); // "case,psnr\r\np19,31.25\r\n"
 */
export function toCsv(table: Table): string;
export function toCsv(rows: readonly CsvRow[], columns?: readonly string[]): string;
export function toCsv(data: Table | readonly CsvRow[], columns?: readonly string[]): string {
  if ("rows" in data) return csvLines([headings(data), ...valuesOf(data)]);
  const names = columns ?? [...new Set(data.flatMap((row) => Object.keys(row)))];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new GadoliniteError("out-of-range", `The column "${twice}" is named twice.`);
  if (names.length === 0) return "";
  return csvLines([names, ...data.map((row) => names.map((name) => (Object.hasOwn(row, name) ? row[name] : null)))]);
}

/** Numbers as they are, with every digit; what has a mark as it is printed. */
function valuesOf(table: Table): readonly (readonly CsvValue[])[] {
  return printedCells(table).map((row, r) =>
    row.map(({ text, mark }, c) => {
      const cell = table.rows[r]![c]!;
      return mark ? text + mark : isCell(cell) ? cell.value : cell;
    }),
  );
}

// A line that holds one empty field is a blank line, which readers skip: quote it.
const csvLines = (lines: readonly (readonly CsvValue[])[]) =>
  lines.map((line) => `${line.map(field).join(",") || '""'}\r\n`).join("");

function field(value: CsvValue): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : String(value).replace("Infinity", "inf");
  const text = String(value);
  // Blanks at the ends are part of a field, but some readers trim what isn't quoted.
  return text === "" || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
