import fc from "fast-check";
import { encode } from "fast-png";
import { describe, expect, test } from "vitest";
import { type HtmlReportOptions, htmlReport } from "../../src/report/htmlReport.js";
import { lineChart } from "../../src/report/lineChart.js";
import { isPlainSvg } from "../../src/report/plainSvg.js";

const png = encode({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3), channels: 3 });
const chart = lineChart({ title: "t", x: { label: "x" }, y: { label: "y" }, series: [{ name: "s", points: [{ x: 0, y: 1 }] }] });
const options: HtmlReportOptions = {
  title: "A tenth of the dose",
  summary: "It works.\n\nMostly.",
  sections: [
    {
      title: "Quality",
      blocks: [
        { kind: "text", text: "One.\n\nTwo." },
        { kind: "facts", facts: [["cases", "12"]] },
        { kind: "table", table: { caption: "PSNR", columns: [{ label: "a" }], rows: [[1]] } },
        { kind: "chart", svg: chart, caption: "By dose." },
        { kind: "picture", png, alt: "slices" },
        { kind: "details", title: "Provenance", value: { seed: 1 } },
      ],
    },
  ],
};

/** Names of all tags that an HTML parser would see, in order. */
const tags = (html: string) => [...html.matchAll(/<(\/?[a-zA-Z!][\w-]*)/g)].map(([, name]) => name!.toLowerCase());

describe("htmlReport", () => {
  test("one self-contained page: style, chart, picture inside; nothing from elsewhere; no script", () => {
    const html = htmlReport(options);
    expect(html.startsWith('<!doctype html>\n<html lang="en">')).toBe(true);
    expect(html).toContain("default-src 'none'");
    expect(tags(html)).not.toContain("script");
    expect(html).not.toMatch(/(?:href|src)="(?!#|data:image\/png;base64,)/);
    expect(html).toContain(chart);
    expect(html).toContain(`data:image/png;base64,${Buffer.from(png).toString("base64")}`);
    expect(html).toContain("<b>Table 1.</b> PSNR");
    expect(html).toContain("<b>Figure 1.</b> By dose.");
    expect(html).toContain("<b>Figure 2</b>");
    expect(html).toContain("not a medical device");
    expect(html).toContain("<p>It works.</p><p>Mostly.</p>");
  });

  test("contents for longer pages only; the notice can be another or none", () => {
    const long = { ...options, sections: ["a", "b", "c", "d"].map((title) => ({ title, blocks: [] })) };
    expect(htmlReport(long)).toContain('<a href="#section-4">d</a>');
    expect(htmlReport(options)).not.toContain("<nav");
    expect(htmlReport({ ...options, notice: "" })).not.toContain('class="notice"');
    expect(htmlReport({ ...options, notice: "Mine." })).toContain(">Mine.</p>");
  });

  test("an SVG that could do more than show shapes becomes an image", () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    const html = htmlReport({ ...options, sections: [{ title: "s", blocks: [{ kind: "chart", svg }] }] });
    expect(tags(html)).not.toContain("script");
    expect(html).toContain(`data:image/svg+xml;base64,${btoa(svg)}`);
  });

  test("refuses what is not a PNG", () => {
    const sections = [{ title: "s", blocks: [{ kind: "picture" as const, png: new Uint8Array(8), alt: "" }] }];
    expect(() => htmlReport({ ...options, sections })).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });

  test("law: no text anywhere opens a tag or ends an attribute", () => {
    const nasty = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</style><b>",
        "<!--",
        "]]>",
        "' onload='x",
        "&lt;b&gt;",
      ),
      fc.tuple(fc.string(), fc.constantFrom("<", ">", '"', "'", "&", "</svg>", "</pre>")).map(([a, b]) => a + b),
    );
    const page = (t: (n: number) => string) =>
      htmlReport({
        title: t(0),
        subtitle: t(1),
        summary: t(2),
        notice: t(3),
        language: t(4),
        sections: [
          {
            title: t(5),
            blocks: [
              { kind: "text", text: t(6) },
              { kind: "facts", facts: [[t(7), t(8)]] },
              {
                kind: "table",
                table: {
                  caption: t(9),
                  columns: [{ label: t(10), group: t(11) }],
                  rows: [[{ value: t(12), bold: true, mark: t(13) }]],
                  notes: [t(14)],
                },
              },
              {
                kind: "chart",
                svg: lineChart({
                  title: t(15),
                  x: { label: t(16) },
                  y: { label: t(17) },
                  series: [{ name: t(18), points: [{ x: 0, y: 1 }] }],
                }),
                caption: t(19),
              },
              { kind: "picture", png, alt: t(20), caption: t(21) },
              { kind: "details", title: t(22), value: { [t(23)]: t(24) } },
            ],
          },
        ],
      });
    // A chart has more or fewer ticks by the room that its labels leave; that it stands inline says that it is plain.
    const outline = (html: string) => tags(html.replace(/<svg [\s\S]*?<\/svg>/g, "<svg></svg>"));
    const plain = outline(page(() => "x"));
    fc.assert(
      fc.property(fc.array(nasty, { minLength: 7, maxLength: 7 }), (texts) => {
        // Each text begins with a word, so that none is blank and the page's parts stay the same; it stays one paragraph, too.
        const html = page((n) => `x${texts[n % 7]!.replace(/\s/g, " ")}`);
        expect(outline(html)).toEqual(plain);
        const outsideTags = html.replace(/<style>[\s\S]*?<\/style>/, "").replace(/<[^<>]*>/g, "");
        expect(outsideTags).not.toMatch(/[<>]/);
      }),
    );
  });
});

describe("isPlainSvg", () => {
  const wrap = (content: string) => `<svg xmlns="http://www.w3.org/2000/svg">${content}</svg>`;
  test("shapes and text are plain", () => {
    expect(isPlainSvg(wrap('<g opacity="0.5"><path d="M0 0h1"/><text x="1" y="2">a &lt; b</text></g>'))).toBe(true);
  });

  test.each([
    ["a script", wrap("<script>1</script>")],
    ["a handler", '<svg onload="alert(1)"></svg>'],
    ["a link", wrap('<a href="javascript:alert(1)"><text>x</text></a>')],
    ["HTML inside", wrap("<foreignObject><b>x</b></foreignObject>")],
    ["a style", wrap("<style>*{display:none}</style>")],
    ["a reference", wrap('<path fill="url(https://example.org/#x)"/>')],
    ["a reference in disguise", wrap('<path fill="&#117;rl(x)"/>')],
    ["an id", wrap('<g id="section-1"/>')],
    ["a quote of the other kind", wrap("<g class='x' onload='y'/>")],
    ["an attribute without quotes", wrap("<g class=x/>")],
    ["a comment", wrap("<!-- x -->")],
    ["an element that is not closed", '<svg xmlns="x"><g></svg>'],
    ["something after it", `${wrap("")}<b>x</b>`],
    ["two drawings", wrap("") + wrap("")],
    ["something before it", `x${wrap("")}`],
    ["another element", "<g></g>"],
    ["nothing", ""],
  ])("%s is not", (_, svg) => {
    expect(isPlainSvg(svg)).toBe(false);
  });
});
