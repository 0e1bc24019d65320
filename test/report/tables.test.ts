import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Table } from "../../src/report/table.js";
import { toHtml } from "../../src/report/toHtml.js";
import { toMarkdown } from "../../src/report/toMarkdown.js";
import { elements, parseXml, textOf } from "./oracles.js";

const example: Table = {
  caption: "PSNR (dB)",
  columns: [{ label: "" }, { label: "10 %", decimals: 1 }, { label: "20 %", decimals: 1 }],
  rows: [
    ["low dose", -20.84, null],
    ["restored", { value: 23, bold: true, mark: "*" }, { value: "n/a" }],
  ],
  notes: ["* p < 0.001"],
};

const anyTable = fc.array(fc.string(), { minLength: 1, maxLength: 4 }).chain((labels) =>
  fc.record({
    caption: fc.string(),
    columns: fc.constant(labels.map((label) => ({ label }))),
    rows: fc.array(
      fc.tuple(
        ...labels.map(() =>
          fc.oneof(fc.string(), fc.double(), fc.record({ value: fc.string(), bold: fc.boolean(), mark: fc.string() })),
        ),
      ),
    ),
    notes: fc.array(fc.string()),
  }),
);

describe("toMarkdown", () => {
  test("example: columns of numbers at the right, true minus, dash for nothing, best in bold", () => {
    expect(toMarkdown(example)).toBe(
      [
        "PSNR (dB)",
        "",
        "|          |       10 % | 20 % |",
        "|----------|-----------:|------|",
        "| low dose |      −20.8 | –    |",
        "| restored | **23.0**\\* | n/a  |",
        "",
        "\\* p \\< 0.001",
        "",
      ].join("\n"),
    );
  });

  test("groups stand before the headings", () => {
    const table: Table = { columns: [{ label: "SE" }, { label: "T1c", group: "Reader 1" }], rows: [["57 %", "0"]] };
    expect(toMarkdown(table)).toContain("Reader 1: T1c");
  });

  test("refuses a row of another length", () => {
    for (const write of [toMarkdown, toHtml])
      expect(() => write({ columns: [{ label: "a" }], rows: [[1, 2]] })).toThrowError(
        expect.objectContaining({ code: "out-of-range", message: expect.stringMatching(/Row 0.*2 cells.*1 columns/) }),
      );
  });

  test("law: whatever the texts, a row stays a row and no tag opens", () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        const text = toMarkdown(table);
        const bare = text.replace(/\\[^\n]/g, "");
        expect(bare).not.toMatch(/[<&`]/);
        const lines = bare.split("\n").filter((line) => line.startsWith("|"));
        expect(lines).toHaveLength(table.rows.length + 2);
        for (const line of lines) expect(line.match(/\|/g)).toHaveLength(table.columns.length + 1);
      }),
    );
  });
});

describe("toHtml", () => {
  test("example", () => {
    const html = parseXml(toHtml(example));
    expect(textOf(elements(html, "caption")[0]!)).toBe("PSNR (dB)");
    expect(elements(html, "strong").map(textOf)).toEqual(["23.0"]);
    const cells = elements(elements(html, "tbody")[0]!, "td");
    expect(cells.map((cell) => [textOf(cell), cell.attributes["class"]])).toEqual([
      ["−20.8", "right"],
      ["–", "left"],
      ["23.0*", "right"],
      ["n/a", "left"],
    ]);
    expect(elements(elements(html, "tbody")[0]!, "th").map(textOf)).toEqual(["low dose", "restored"]);
    expect(textOf(elements(html, "tfoot")[0]!)).toBe("* p < 0.001");
  });

  test("neighbours of one group share a heading", () => {
    const columns = ["", "a", "a", "b"].map((group) => ({ label: "x", group }));
    const html = parseXml(toHtml({ columns, rows: [[1, 2, 3, 4]] }));
    const groups = elements(html, "th").filter(({ attributes }) => attributes["scope"] === "colgroup");
    expect(groups.map((th) => [textOf(th), th.attributes["colspan"]])).toEqual([
      ["a", "2"],
      ["b", "1"],
    ]);
  });

  test("law: well-formed whatever the texts, and every text is there as it was", () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        const html = parseXml(toHtml(table));
        const seen = elements(elements(html, "thead")[0]!, "th").map(textOf);
        const visible = (text: string) => text.replace(/(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu, "\ufffd");
        expect(seen).toEqual(
          table.columns
            .map(({ label }) => label)
            .filter(Boolean)
            .map(visible),
        );
        expect(elements(html, "tr").length).toBe(table.rows.length + 1 + (table.notes.length > 0 ? 1 : 0));
      }),
    );
  });
});
