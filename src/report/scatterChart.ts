import { GadoliniteError } from "../core/errors.js";
import { type Axis, isDrawable } from "./axis.js";
import { chartFrame, clipped } from "./chartFrame.js";
import { formatNumber } from "./formatNumber.js";
import { FONT_SIZE, px, svgDocument, textElement, textWidth } from "./svg.js";

export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  /** What its colour tells. */
  readonly value: number;
}

export interface ScatterChartOptions {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** What colours tell. */
  readonly valueLabel: string;
  readonly points: readonly ScatterPoint[];
  /** Size in CSS pixels. Default 480 × 400. */
  readonly width?: number;
  readonly height?: number;
}

// Okabe and Ito's blue and vermilion: told apart by colour-blind readers, and seen on light and dark grounds; so are their mixtures.
const LOW = [0, 114, 178] as const;
const HIGH = [213, 94, 0] as const;

/**
 * Draws points whose colour tells a value, from blue (the lowest) to vermilion (the highest), as an SVG.
 *
 * @returns one `<svg>` element; it holds no script, style or id
 * @throws `out-of-range` if no point is finite, or one has a value that isn't
 * @see Pinetz et al. 2024, figure 8 (embeddings, coloured by each condition)
 * @example
 * scatterChart({ title: "Embedding", x: { label: "PC 1" }, y: { label: "PC 2" }, valueLabel: "dose", points: [{ x: 0, y: 1, value: 0.1 }] });
 */
export function scatterChart({ title, x, y, valueLabel, points, width = 480, height = 400 }: ScatterChartOptions): string {
  const drawn = points.filter((point) => isDrawable(point.x) && isDrawable(point.y));
  const values = drawn.map(({ value }) => value);
  if (!values.every(Number.isFinite))
    throw new GadoliniteError("out-of-range", `Each point needs a finite ${valueLabel}, which its colour tells.`);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const frame = chartFrame({
    title,
    x,
    y,
    xValues: drawn.map((point) => point.x),
    yValues: drawn.map((point) => point.y),
    width,
    height,
    labelWidth: 24 + Math.max(textWidth(valueLabel), ...[low, high].map((value) => textWidth(formatNumber(value)) + 14)),
  });
  const dots = drawn.map(
    (point) =>
      `<circle cx="${px(frame.x.position(point.x))}" cy="${px(frame.y.position(point.y))}" r="3.5" fill="${colorAt(point.value, low, high)}" fill-opacity="0.8"/>`,
  );
  const left = frame.right + 16;
  const legend = [...new Set([high, (low + high) / 2, low])].map((value, n) => {
    const top = frame.top + 26 + 20 * n;
    return (
      `<circle cx="${px(left + 4)}" cy="${px(top)}" r="4" fill="${colorAt(value, low, high)}"/>` +
      textElement(left + 14, top + FONT_SIZE / 3, formatNumber(value))
    );
  });
  const heading = textElement(left, frame.top + 6, valueLabel, { weight: 600 });
  const description = `${drawn.length} points of ${y.label} against ${x.label}, coloured by ${valueLabel} from ${formatNumber(low)} to ${formatNumber(high)}.`;
  return svgDocument(title, description, width, height, frame.markup + clipped(frame, dots.join("")) + heading + legend.join(""));
}

function colorAt(value: number, low: number, high: number): string {
  const share = high > low ? (value - low) / (high - low) : 0;
  const mixed = LOW.map((from, c) => Math.round(from + share * (HIGH[c]! - from)));
  return `#${mixed.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
