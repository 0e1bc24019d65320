import { alignments, columnGroups, printedCells, type Table } from "./table.js";

export interface ToLatexOptions {
  /** Name for `\ref`. Default none. */
  readonly label?: string;
}

/**
 * Writes a table for LaTeX with the packages `booktabs` and, for the text of the notes, nothing else: a floating `table` with
 * the caption above, group headings with their rules, bold cells in `\textbf`, marks hanging, notes below.
 *
 * The text is UTF-8; signs that LaTeX's text fonts lack (− ± × ≥ ≤ ∞ and Greek letters in use here) are set as mathematics.
 *
 * @throws `out-of-range` if a row has another number of cells than there are columns
 * @example
 * toLatex(doseTable(results, { metric: "psnr", better: "higher" }), { label: "tab:psnr" });
 */
export function toLatex(table: Table, { label }: ToLatexOptions = {}): string {
  const cells = printedCells(table);
  const align = alignments(table, cells);
  const groups = columnGroups(table);
  let first = 1;
  const spans = (groups ?? []).map(({ label: name, span }) => {
    const from = first;
    first += span;
    return { name, span, from, to: first - 1 };
  });
  const groupLine = spans.map(({ name, span }) => (name ? `\\multicolumn{${span}}{c}{${literal(name)}}` : ""));
  const rules = spans.filter(({ name }) => name).map(({ from, to }) => `\\cmidrule(lr){${from}-${to}}`);
  const body = cells.map((row) =>
    row.map(({ text, bold, mark }) => {
      const value = bold && text ? `\\textbf{${literal(text)}}` : literal(text);
      return mark ? `${value}\\rlap{${literal(mark)}}` : value;
    }),
  );
  const line = (texts: readonly string[]) => `${texts.join(" & ")} \\\\`;
  return [
    "\\begin{table}",
    "\\centering",
    ...(table.caption ? [`\\caption{${literal(table.caption)}}`] : []),
    ...(label ? [`\\label{${label}}`] : []),
    `\\begin{tabular}{${align.map((a) => a[0]).join("")}}`,
    "\\toprule",
    ...(groups ? [line(groupLine), rules.join(" ")] : []),
    line(table.columns.map((column) => literal(column.label))),
    "\\midrule",
    ...body.map(line),
    "\\bottomrule",
    "\\end{tabular}",
    ...(table.notes ?? []).map((note) => `\\par\\smallskip{\\footnotesize ${literal(note)}}`),
    "\\end{table}",
    "",
  ].join("\n");
}

const SIGNS: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "$<$",
  ">": "$>$",
  "−": "$-$",
  "±": "$\\pm$",
  "×": "$\\times$",
  "≥": "$\\geq$",
  "≤": "$\\leq$",
  "≈": "$\\approx$",
  "∞": "$\\infty$",
  σ: "$\\sigma$",
  α: "$\\alpha$",
  β: "$\\beta$",
  "°": "$^\\circ$",
  // In mathematics and at the start of a row a bracket could be taken for an option.
  "[": "{[}",
  "]": "{]}",
};

/** A text with nothing in it that LaTeX would take for its own. */
const literal = (text: string) =>
  text
    .replace(/[\\~^<>−±×≥≤≈∞σαβ°[\]]|[&%$#_{}]/g, (sign) => SIGNS[sign] ?? `\\${sign}`)
    .replace(/\s*[\r\n\u2028\u2029]+\s*/g, " ");
