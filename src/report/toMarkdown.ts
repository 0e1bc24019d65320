import { alignments, headings, printedCells, type Table } from "./table.js";

/**
 * Writes a table in GitHub's Markdown, its source aligned too; group headings stand before the columns' own, bold cells
 * between asterisks, the caption above and the notes below.
 *
 * @throws `out-of-range` if a row has another number of cells than there are columns
 * @example
 * toMarkdown({ columns: [{ label: "Dose" }, { label: "PSNR (dB)", decimals: 1 }], rows: [["10 %", 20.84]] });
 */
export function toMarkdown(table: Table): string {
  const cells = printedCells(table);
  const align = alignments(table, cells);
  const heading = headings(table).map(literal);
  const body = cells.map((row) =>
    row.map(({ text, bold, mark }) => (bold && text.trim() ? `**${literal(text.trim())}**` : literal(text)) + literal(mark)),
  );
  const width = heading.map((text, c) => Math.max(3, text.length, ...body.map((row) => row[c]!.length)));
  const line = (texts: readonly string[]) => `| ${texts.map((text, c) => fill(text, width[c]!, align[c]!)).join(" | ")} |`;
  const rule = `|${align.map((a, c) => `${a === "center" ? ":" : "-"}${"-".repeat(width[c]!)}${a === "left" ? "-" : ":"}`).join("|")}|`;
  return [
    ...(table.caption ? [paragraph(table.caption), ""] : []),
    line(heading),
    rule,
    ...body.map(line),
    ...(table.notes ?? []).flatMap((note) => ["", paragraph(note)]),
    "",
  ].join("\n");
}

const fill = (text: string, width: number, align: "left" | "right" | "center") =>
  align === "right"
    ? text.padStart(width)
    : align === "left"
      ? text.padEnd(width)
      : text.padStart(Math.floor((width + text.length) / 2)).padEnd(width);

/** A text with nothing in it that Markdown or HTML would take for its own. */
const literal = (text: string) => text.replace(/[\\`*_[\]|~$<&]/g, "\\$&").replace(/\s*[\r\n\u2028\u2029]+\s*/g, " ");

/** The same at the beginning of a line, where a few more signs would open a heading, a list or a quotation. */
const paragraph = (text: string) =>
  literal(text)
    .trim()
    .replace(/^([#>+=-])/, "\\$1")
    .replace(/^(\d+)([.)])/, "$1\\$2");
