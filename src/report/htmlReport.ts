import { GadoliniteError } from "../core/errors.js";
import { escapeMarkup } from "./escape.js";
import { isPlainSvg } from "./plainSvg.js";
import { reportStyle } from "./reportStyle.js";
import type { Table } from "./table.js";
import { toHtml } from "./toHtml.js";

/** Paragraphs, separated by blank lines. */
export interface TextBlock {
  readonly kind: "text";
  readonly text: string;
}

/** Names and values, e.g. the key numbers of a study. */
export interface FactsBlock {
  readonly kind: "facts";
  readonly facts: readonly (readonly [name: string, value: string])[];
}

export interface TableBlock {
  readonly kind: "table";
  readonly table: Table;
}

/** A chart of this library stands in the page as it is; any other SVG becomes an image, so that nothing in it can run. */
export interface ChartBlock {
  readonly kind: "chart";
  readonly svg: string;
  readonly caption?: string;
}

export interface PictureBlock {
  readonly kind: "picture";
  /** A PNG file, e.g. of `montage`. */
  readonly png: Uint8Array;
  /** What the picture shows, for those who don't see it. */
  readonly alt: string;
  readonly caption?: string;
}

/** Anything that JSON holds, folded: provenance, options. */
export interface DetailsBlock {
  readonly kind: "details";
  readonly title: string;
  readonly value: unknown;
}

export type ReportBlock = TextBlock | FactsBlock | TableBlock | ChartBlock | PictureBlock | DetailsBlock;

export interface ReportSection {
  readonly title: string;
  readonly blocks: readonly ReportBlock[];
}

export interface HtmlReportOptions {
  readonly title: string;
  /** A line below the title: study, version, date. */
  readonly subtitle?: string;
  /** What was found, in a few sentences; blank lines separate paragraphs. */
  readonly summary?: string;
  /** Said first. Default: that this is for research, and that pictures may show a face. Empty for none. */
  readonly notice?: string;
  readonly sections: readonly ReportSection[];
  /** BCP 47 tag of the language of the texts. Default `"en"`. */
  readonly language?: string;
  /** A table of contents from this number of sections on. Default 4. */
  readonly contentsFrom?: number;
}

const NOTICE =
  "For research only: not a medical device. Pictures of a head may still show a face; treat this page as patients' data.";

/**
 * Makes a page of results that needs nothing else: one HTML file with its style, tables, charts and pictures inside.
 *
 * It has no script, and its own content-security policy forbids any; light and dark follow the reader's setting; it prints.
 * Figures and tables are numbered. Every text is escaped.
 *
 * @returns the HTML document
 * @throws `out-of-range` if a picture is not a PNG file, or a table's row does not fit its columns
 * @example
 * const page = htmlReport({
 *   title: "Restoration at a tenth of the dose",
 *   summary: "Restored images gain 6 dB in the tumour.",
 *   sections: [{ title: "Image quality", blocks: [{ kind: "table", table }, { kind: "chart", svg: lineChart(options) }] }],
 * });
 */
export function htmlReport(options: HtmlReportOptions): string {
  const { title, subtitle, summary, notice = NOTICE, sections, language = "en", contentsFrom = 4 } = options;
  const number = { figure: 0, table: 0 };
  const body = sections.map((section, i) => {
    const blocks = section.blocks.map((block) => renderBlock(block, number));
    return `<section id="section-${i + 1}">\n<h2>${escapeMarkup(section.title)}</h2>\n${blocks.join("\n")}\n</section>`;
  });
  return `<!doctype html>
<html lang="${escapeMarkup(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<title>${escapeMarkup(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
<header>
<h1>${escapeMarkup(title)}</h1>
${subtitle ? `<p class="subtitle">${escapeMarkup(subtitle)}</p>` : ""}
${notice ? `<p class="notice" role="note">${escapeMarkup(notice)}</p>` : ""}
${summary ? `<div class="summary">${paragraphs(summary)}</div>` : ""}
</header>
${sections.length >= contentsFrom ? contents(sections) : ""}
${body.join("\n")}
</main>
</body>
</html>
`;
}

const contents = (sections: readonly ReportSection[]) => {
  const items = sections.map(({ title }, i) => `<li><a href="#section-${i + 1}">${escapeMarkup(title)}</a></li>`);
  return `<nav aria-label="Contents"><ol>${items.join("")}</ol></nav>`;
};

const paragraphs = (text: string) =>
  text
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map((part) => `<p>${escapeMarkup(part.trim())}</p>`)
    .join("");

function renderBlock(block: ReportBlock, number: { figure: number; table: number }): string {
  switch (block.kind) {
    case "text":
      return paragraphs(block.text);
    case "facts": {
      const facts = block.facts.map(
        ([name, value]) => `<div><dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(value)}</dd></div>`,
      );
      const short = block.facts.every(([, value]) => value.length <= LONGEST_FIGURE);
      return `<dl class="${short ? "figures" : "facts"}">${facts.join("")}</dl>`;
    }
    case "table": {
      const { caption = "", ...table } = block.table;
      const name = `Table ${++number.table}`;
      const scroller = `<div class="scroller" role="region" tabindex="0" aria-label="${name}">${toHtml(table)}</div>`;
      return `<figure class="table">${captionElement(name, caption)}${scroller}</figure>`;
    }
    case "chart":
      return figure(isPlainSvg(block.svg) ? block.svg : foreignSvg(block), block.caption, number);
    case "picture": {
      const source = `data:image/png;base64,${base64(checkedPng(block.png))}`;
      return figure(`<img src="${source}" alt="${escapeMarkup(block.alt)}">`, block.caption, number);
    }
    case "details": {
      const json = JSON.stringify(block.value, null, 2) ?? "";
      return `<details><summary>${escapeMarkup(block.title)}</summary><pre>${escapeMarkup(json)}</pre></details>`;
    }
  }
}

/** Short values are set as figures side by side, longer ones as lines. */
const LONGEST_FIGURE = 16;

function figure(content: string, caption: string | undefined, number: { figure: number }): string {
  return `<figure>${content}${captionElement(`Figure ${++number.figure}`, caption)}</figure>`;
}

const captionElement = (name: string, caption = "") =>
  `<figcaption>${caption ? `<b>${name}.</b> ${escapeMarkup(caption)}` : `<b>${name}</b>`}</figcaption>`;

const foreignSvg = ({ svg, caption = "Chart" }: ChartBlock) =>
  `<img src="data:image/svg+xml;base64,${base64(new TextEncoder().encode(svg))}" alt="${escapeMarkup(caption)}">`;

const PNG_SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

function checkedPng(png: Uint8Array): Uint8Array {
  if (!PNG_SIGNATURE.every((byte, i) => png[i] === byte))
    throw new GadoliniteError("out-of-range", "A picture must be the bytes of a PNG file, as montage gives, but these are not.");
  return png;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  // As many arguments as any engine takes.
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(binary);
}
