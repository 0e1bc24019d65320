import { type Table, toMarkdown } from "../../src/report/index.js";
import { bone2022 } from "./bone2022.js";
import { chen2025 } from "./chen2025.js";
import { pinetz2024 } from "./pinetz2024.js";
import type { PrintedNumber } from "./rows.js";

export const PAPERS: Readonly<Record<string, () => readonly PrintedNumber[]>> = {
  "Bône 2022": bone2022,
  "Chen 2025": chen2025,
  "Pinetz 2024": pinetz2024,
};

/** The page docs/papers-tables.md, word for word. */
export function page(): string {
  const papers = Object.entries(PAPERS).map(([name, rowsOf]) => [name, rowsOf()] as const);
  const wrong = papers.flatMap(([name, rows]) => rows.filter((r) => r.verdict === "wrong").map((r) => line(name, r)));
  const total = papers.reduce((sum, [, rows]) => sum + rows.length, 0);
  return `# The papers' tables, recomputed

What the three papers print, and the same from the counts, means and identities that they print beside it, by the functions of this library: ${total} numbers,
of which ${wrong.length} do not follow. The rows are made by \`test/papers\`, and a test compares this page with them; \`npx vitest run test/papers -u\` writes it anew.

- **agrees**: the recomputed number, written with as many digits, is the printed one. Where it says "if", the counts that are needed aren't printed, and some that
  are possible are given.
- **the print is wrong**: it doesn't follow from what is printed beside it, or contradicts it.
- **open**: it would take the cases, which are not printed; what stands under "recomputed" is a bound, or another test.

## Where the print is wrong

${wrong.join("\n")}

${papers.map(([name, rows]) => `## ${name}\n\n${toMarkdown(tableOf(rows))}`).join("\n")}`;
}

const line = (paper: string, { where, what, printed, recomputed, note }: PrintedNumber) =>
  `- ${paper}, ${where}, ${what}: ${printed} is printed, ${recomputed} follows. ${note}`;

const tableOf = (rows: readonly PrintedNumber[]): Table => ({
  columns: ["Where", "What", "Printed", "Recomputed", "From", ""].map((label) => ({ label, align: "left" })),
  rows: rows.map(({ where, what, printed, recomputed, from, verdict, note }) => [
    where,
    what,
    printed,
    recomputed,
    from,
    { value: `${verdict === "wrong" ? "the print is wrong" : verdict}${note ? `: ${note}` : ""}`, bold: verdict === "wrong" },
  ]),
});
