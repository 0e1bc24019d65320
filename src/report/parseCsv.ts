import { GadoliniteError } from "../core/errors.js";

/** A line of a CSV file, with its number in the file from 1. */
export interface CsvLine {
  readonly number: number;
  readonly fields: readonly string[];
}

/**
 * Reads what a spreadsheet has saved: RFC 4180 with commas, semicolons or tabs (the one that the header has most of), either
 * line end, with or without a byte-order mark. Lines without any content are passed over.
 *
 * @throws `bad-file` if a quote is not closed, or something follows one
 */
export function parseCsv(text: string): readonly CsvLine[] {
  const source = text.replace(/^\ufeff/, "");
  const header = source.split(/[\r\n]/, 1)[0]!;
  const count = (sign: string) => header.split(sign).length;
  const separator = [",", ";", "\t"].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
  const field = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n]*))(${separator}|\\r\\n|\\r|\\n|$)`, "y");
  const lines: CsvLine[] = [];
  let fields: string[] = [];
  let [number, start] = [1, 1];
  while (field.lastIndex < source.length || fields.length > 0) {
    const match = field.exec(source);
    if (!match)
      throw new GadoliniteError(
        "bad-file",
        `Line ${number} has a quote that is not closed, or that something follows. Save the sheet as CSV again.`,
      );
    const [, quoted, plain, end] = match;
    fields.push(quoted?.replaceAll('""', '"') ?? plain!);
    number += quoted?.match(/\r\n|\r|\n/g)?.length ?? 0;
    if (end === separator) continue;
    if (fields.some((value) => value.trim() !== "")) lines.push({ number: start, fields });
    fields = [];
    number += 1;
    start = number;
    if (end === "") break;
  }
  return lines;
}
