import { GadoliniteError } from "../core/errors.js";
import { type Axis, createScale, isDrawable } from "./axis.js";
import { formatNumber } from "./formatNumber.js";
import { FONT_SIZE, lineElement, px, seriesGroup, shorten, svgDocument, textElement, textWidth, wrap } from "./svg.js";

export interface ForestRow {
  readonly label: string;
  readonly estimate: number;
  /** Ends of its interval. */
  readonly low: number;
  readonly high: number;
  /** A row that sums up others: drawn as a diamond as wide as its interval. Default false. */
  readonly summary?: boolean;
}

export interface ForestPlotOptions {
  readonly title: string;
  readonly x: Axis;
  readonly rows: readonly ForestRow[];
  /** Value of no effect, drawn as a line: 0 for differences, 1 for ratios. Default none. */
  readonly reference?: number;
  /** Digits of the numbers at the right. Default 2. */
  readonly decimals?: number;
  /** Width in CSS pixels; the height follows from the rows. Default 640. */
  readonly width?: number;
}

const ROW_HEIGHT = 26;

/**
 * Draws estimates with their intervals, one a row, and writes their numbers beside them, as an SVG.
 *
 * @returns one `<svg>` element; it holds no script, style or id
 * @throws `out-of-range` if there is no row, a number is not finite, or an estimate lies outside its interval
 * @example
 * forestPlot({
 *   title: "Sensitivity, processed − original",
 *   x: { label: "difference", percent: true },
 *   reference: 0,
 *   rows: [{ label: "≥10 mm", estimate: 0.08, low: 0.02, high: 0.15 }],
 * });
 */
export function forestPlot(options: ForestPlotOptions): string {
  const { title, x, rows, reference, decimals = 2, width = 640 } = options;
  rows.forEach(checkRow);
  const titleLines = wrap(title, width - 16, 14);
  const top = 18 + 18 * titleLines.length;
  const bottom = top + ROW_HEIGHT * rows.length + 6;
  const height = bottom + 46;
  const write = (v: number) => (x.percent ? `${formatNumber(100 * v, { decimals })} %` : formatNumber(v, { decimals }));
  const numbers = rows.map(({ estimate, low, high }) => `${write(estimate)} [${write(low)}; ${write(high)}]`);
  const left = 8 + Math.min(0.4 * width, Math.max(0, ...rows.map(({ label }) => textWidth(label)))) + 20;
  const right = width - 8 - Math.max(...numbers.map((text) => textWidth(text)), 0) - 16;
  const values = [...rows.flatMap(({ low, high }) => [low, high]), ...(reference === undefined ? [] : [reference])];
  const scale = createScale(x, values, left, right, Math.max(2, Math.round((right - left) / 80)));
  const parts = [
    ...titleLines.map((line, i) => textElement(8, 20 + 18 * i, line, { size: 14, weight: 600 })),
    lineElement(left, bottom, right, bottom, `stroke="currentColor" opacity="0.6"`),
    ...scale.ticks.map(({ value, label }) => {
      const at = scale.position(value);
      const tick = lineElement(at, bottom, at, bottom + 5, `stroke="currentColor" opacity="0.6"`);
      return tick + textElement(at, bottom + 19, label, { anchor: "middle", opacity: 0.75 });
    }),
    textElement((left + right) / 2, height - 10, x.label, { anchor: "middle", opacity: 0.75 }),
    reference === undefined
      ? ""
      : lineElement(
          scale.position(reference),
          top,
          scale.position(reference),
          bottom,
          `stroke="currentColor" stroke-dasharray="3 3" opacity="0.6"`,
        ),
    ...rows.map((row, n) => {
      const y = top + ROW_HEIGHT * (n + 0.5);
      const weight = row.summary ? 600 : 400;
      return (
        textElement(8, y + FONT_SIZE / 3, shorten(row.label, left - 28), { weight }) +
        seriesGroup(0, row.summary ? diamond(row, y, scale.position) : whiskers(row, y, scale.position)) +
        textElement(width - 8, y + FONT_SIZE / 3, numbers[n]!, { anchor: "end", weight })
      );
    }),
  ];
  return svgDocument(
    title,
    `Forest plot of ${x.label}: ${rows.map(({ label }) => label).join(", ")}.`,
    width,
    height,
    parts.join(""),
  );
}

function checkRow({ label, estimate, low, high }: ForestRow): void {
  if (!([estimate, low, high].every(isDrawable) && low <= estimate && estimate <= high))
    throw new GadoliniteError(
      "out-of-range",
      `"${label}" needs finite numbers, low ≤ estimate ≤ high, but they are ${low}, ${estimate} and ${high}.`,
    );
}

type Position = (value: number) => number;

function whiskers({ estimate, low, high }: ForestRow, y: number, at: Position): string {
  const interval = lineElement(at(low), y, at(high), y, `stroke="currentColor" stroke-width="1.5"`);
  return `${interval}<rect x="${px(at(estimate) - 4)}" y="${px(y - 4)}" width="8" height="8" fill="currentColor"/>`;
}

const diamond = ({ estimate, low, high }: ForestRow, y: number, at: Position) =>
  `<path d="M${px(at(low))} ${px(y)}L${px(at(estimate))} ${px(y - 6)}L${px(at(high))} ${px(y)}L${px(at(estimate))} ${px(y + 6)}Z" fill="currentColor"/>`;
