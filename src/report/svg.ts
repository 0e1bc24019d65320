import { escapeMarkup } from "./escape.js";

/**
 * Colours told apart by colour-blind readers (Okabe and Ito 2008, without black and yellow, which vanish on one of the two
 * grounds). Each series sets `color`, its shapes take `currentColor`, so that a page can give other tones on a dark ground
 * by the classes `gd-series-1` … `gd-series-6`.
 */
export const SERIES_COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] as const;

/** Opening of the group of the n-th series, from 0. */
export const seriesGroup = (n: number, content: string): string => {
  const index = n % SERIES_COLORS.length;
  return `<g class="gd-series-${index + 1}" color="${SERIES_COLORS[index]}">${content}</g>`;
};

/** A coordinate with two decimals at most: a hundredth of a pixel is not seen. */
export const px = (value: number): string => String(Math.round(value * 100) / 100 + 0);

export interface TextStyle {
  readonly anchor?: "start" | "middle" | "end";
  readonly size?: number;
  readonly weight?: 400 | 600;
  readonly opacity?: number;
}

/** A line of text in the colour of the page. */
export function textElement(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { anchor = "start", size = FONT_SIZE, weight = 400, opacity = 1 } = style;
  const rest = [
    anchor === "start" ? "" : ` text-anchor="${anchor}"`,
    size === FONT_SIZE ? "" : ` font-size="${px(size)}"`,
    weight === 400 ? "" : ` font-weight="${weight}"`,
    opacity === 1 ? "" : ` opacity="${opacity}"`,
  ];
  return `<text x="${px(x)}" y="${px(y)}"${rest.join("")}>${escapeMarkup(text)}</text>`;
}

export const lineElement = (x1: number, y1: number, x2: number, y2: number, attributes: string): string =>
  `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" ${attributes}/>`;

export const FONT_SIZE = 12;

/** About how wide a text will be in a common sans-serif face; rather too wide than too narrow. */
export function textWidth(text: string, size = FONT_SIZE): number {
  let em = 0;
  for (const character of text)
    em += /[ijl.,:;'|!I ]/.test(character)
      ? 0.3
      : /[mwMW@%]/.test(character)
        ? 0.9
        : /[A-Z]/.test(character)
          ? 0.7
          : character < "\u1100"
            ? 0.56
            : 1.05;
  return em * size;
}

/** The text cut to a width, with an ellipsis where something is missing. */
export function shorten(text: string, width: number, size = FONT_SIZE): string {
  if (textWidth(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 0 && textWidth(`${characters.join("")}…`, size) > width) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}

/** The text in lines of at most that width; a word that is too long is shortened. */
export function wrap(text: string, width: number, size = FONT_SIZE): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && textWidth(longer, size) <= width) lines[lines.length - 1] = longer;
    else lines.push(shorten(word, width, size));
  }
  return lines;
}

/** The outermost element: named for screen readers, without ids, so that several can stand in one page. */
export function svgDocument(title: string, description: string, width: number, height: number, content: string): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}"`,
    ` font-family="system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif" font-size="${FONT_SIZE}" fill="currentColor">`,
    `<title>${escapeMarkup(title)}</title><desc>${escapeMarkup(description)}</desc>${content}</svg>`,
  ].join("");
}
