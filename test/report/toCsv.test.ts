import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toCsv } from "../../src/report/toCsv.js";
import { parseCsvSlowly } from "./oracles.js";

describe("toCsv", () => {
  test("examples", () => {
    expect(toCsv([{ case: "p19", psnr: 31.25 }])).toBe("case,psnr\r\np19,31.25\r\n");
    expect(toCsv([{ a: 'say "hi", please', b: "two\nlines", c: true }])).toBe(
      'a,b,c\r\n"say ""hi"", please","two\nlines",true\r\n',
    );
  });

  test("numbers keep every digit; what is not finite is what pandas and R read", () => {
    expect(toCsv([{ a: 0.1 + 0.2, b: Number.NaN, c: Infinity, d: -Infinity, e: 1e-300 }])).toBe(
      "a,b,c,d,e\r\n0.30000000000000004,NaN,inf,-inf,1e-300\r\n",
    );
  });

  test("nothing is an empty field, an empty text is quoted, and no line is blank", () => {
    expect(toCsv([{ a: null, b: undefined, c: "" }])).toBe('a,b,c\r\n,,""\r\n');
    expect(toCsv([{ a: null }])).toBe('a\r\n""\r\n');
  });

  test("columns are chosen and ordered; rows of several shapes share them", () => {
    expect(toCsv([{ a: 1, b: 2 }, { c: 3 }])).toBe("a,b,c\r\n1,2,\r\n,,3\r\n");
    expect(toCsv([{ a: 1, b: 2 }], ["b", "x"])).toBe("b,x\r\n2,\r\n");
    expect(toCsv([], ["a", "b"])).toBe("a,b\r\n");
    expect(toCsv([])).toBe("");
    expect(toCsv([{ a: 1 }], ["a", "toString"])).toBe("a,toString\r\n1,\r\n");
  });

  test("a table: headings with their groups, numbers with every digit, marks, nothing for null", () => {
    const table = {
      caption: "not told",
      columns: [{ label: "" }, { label: "A", group: "p", decimals: 1 }, { label: "A", group: "q" }],
      rows: [
        ["≥5 mm", 0.123456, { value: "0.03", mark: "*", bold: true }],
        [null, { value: 2 }, { value: 0.5, decimals: 2, mark: "*" }],
      ],
    };
    expect(toCsv(table)).toBe('"",p: A,q: A\r\n≥5 mm,0.123456,0.03*\r\n,2,0.50*\r\n');
    expect(() => toCsv({ columns: [{ label: "a" }], rows: [[1, 2]] })).toThrowError(
      expect.objectContaining({ code: "out-of-range" }),
    );
  });

  test("refuses a column named twice", () => {
    expect(() => toCsv([], ["a", "a"])).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });

  test("law: an independent reader gets back every text and number", () => {
    const value = fc.oneof(fc.string({ unit: "grapheme" }), fc.double(), fc.constantFrom(null, "a,b", 'x"', "\r\n", ""));
    fc.assert(
      fc.property(fc.array(fc.record({ first: value, second: value }), { minLength: 1 }), (rows) => {
        const [header, ...lines] = parseCsvSlowly(toCsv(rows, ["first", "second"]));
        expect(header).toEqual(["first", "second"]);
        expect(lines).toHaveLength(rows.length);
        lines.forEach((line, n) =>
          [rows[n]!.first, rows[n]!.second].forEach((v, c) => {
            if (typeof v === "number") expect(Number(line[c]!.replace("inf", "Infinity"))).toBe(v === 0 ? 0 : v);
            else expect(line[c]).toBe(v);
          }),
        );
      }),
    );
  });
});
