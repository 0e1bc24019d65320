import { escapeMarkup } from "./escape.js";
import { alignments, columnGroups, printedCells, type Table } from "./table.js";

/**
 * Writes a table as an HTML `<table>`, with nothing in it but text: for a notebook or a page of one's own.
 *
 * Cells have the classes `left`, `right` or `center`, marks the class `mark` (let them hang: `position: absolute`); the first cell
 * of a row is its heading; what is best is `<strong>`; the notes are in the table's foot.
 *
 * @throws `out-of-range` if a row has another number of cells than there are columns
 * @example
 * toHtml({ columns: [{ label: "Dose" }, { label: "PSNR (dB)", decimals: 1 }], rows: [["10 %", 20.84]] });
 */
export function toHtml(table: Table): string {
  const cells = printedCells(table);
  const align = alignments(table, cells);
  const groups = columnGroups(table);
  const groupRow = groups?.map(({ label, span }) =>
    label ? `<th scope="colgroup" colspan="${span}" class="center group">${escapeMarkup(label)}</th>` : `<td></td>`,
  );
  const heading = table.columns.map(({ label }, c) =>
    label ? `<th scope="col" class="${align[c]}">${escapeMarkup(label)}</th>` : "<td></td>",
  );
  const body = cells.map((row) => {
    const inner = row.map(({ text, bold, mark }, c) => {
      const value = bold ? `<strong>${escapeMarkup(text)}</strong>` : escapeMarkup(text);
      const content = mark ? `${value}<span class="mark">${escapeMarkup(mark)}</span>` : value;
      return c === 0 ? `<th scope="row" class="${align[c]}">${content}</th>` : `<td class="${align[c]}">${content}</td>`;
    });
    return `<tr>${inner.join("")}</tr>`;
  });
  const notes = (table.notes ?? []).map((note) => `<p>${escapeMarkup(note)}</p>`).join("");
  return [
    "<table>",
    table.caption ? `<caption>${escapeMarkup(table.caption)}</caption>` : "",
    `<thead>${groupRow ? `<tr>${groupRow.join("")}</tr>` : ""}<tr>${heading.join("")}</tr></thead>`,
    `<tbody>${body.join("\n")}</tbody>`,
    notes ? `<tfoot><tr><td colspan="${Math.max(1, table.columns.length)}">${notes}</td></tr></tfoot>` : "",
    "</table>",
  ]
    .filter(Boolean)
    .join("\n");
}
