import { type Axis, createScale, type Scale } from "./axis.js";
import { FONT_SIZE, lineElement, px, textElement, textWidth, wrap } from "./svg.js";

/** Title, axes, grid and ticks, and the scales by which a chart draws its data. */
export interface ChartFrame {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** What stands behind the data. */
  readonly markup: string;
}

export interface ChartFrameOptions {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly xValues: readonly number[];
  readonly yValues: readonly number[];
  readonly width: number;
  readonly height: number;
  /** Pixels kept free at the right for labels. */
  readonly labelWidth: number;
}

const TITLE_SIZE = 14;
const QUIET = 0.75;

/** Lays out a chart: title above, the y axis' label above its end (it reads without turning one's head), x label below. */
export function chartFrame(options: ChartFrameOptions): ChartFrame {
  const { title, x, y, xValues, yValues, width, height, labelWidth } = options;
  const titleLines = wrap(title, width - 16, TITLE_SIZE);
  const top = 12 + 18 * titleLines.length + 26;
  const bottom = height - 46;
  const yScale = createScale(y, yValues, bottom, top, Math.max(2, Math.round((bottom - top) / 55)));
  const left = 12 + Math.max(24, ...yScale.ticks.map((tick) => textWidth(tick.label))) + 8;
  const right = width - 16 - labelWidth;
  const xScale = createScale(x, xValues, left, right, Math.max(2, Math.round((right - left) / 90)));
  const middle = (left + right) / 2;
  const parts = [
    ...titleLines.map((line, i) => textElement(8, 20 + 18 * i, line, { size: TITLE_SIZE, weight: 600 })),
    textElement(8, top - 12, y.label, { opacity: QUIET }),
    textElement(middle, height - 10, x.label, { anchor: "middle", opacity: QUIET }),
    `<g stroke="currentColor" opacity="0.15">`,
    ...yScale.ticks.map(({ value }) =>
      lineElement(left, yScale.position(value), right, yScale.position(value), `stroke-width="1"`),
    ),
    "</g>",
    lineElement(left, bottom, right, bottom, `stroke="currentColor" opacity="0.6"`),
    `<g stroke="currentColor" opacity="0.6">`,
    ...xScale.ticks.map(({ value }) => lineElement(xScale.position(value), bottom, xScale.position(value), bottom + 5, "")),
    "</g>",
    ...yScale.ticks.map(({ value, label }) =>
      textElement(left - 8, yScale.position(value) + FONT_SIZE / 3, label, { anchor: "end", opacity: QUIET }),
    ),
    ...xScale.ticks.map(({ value, label }) =>
      textElement(xScale.position(value), bottom + 19, label, { anchor: "middle", opacity: QUIET }),
    ),
  ];
  return { x: xScale, y: yScale, left, right, top, bottom, markup: parts.join("") };
}

/** Content that is cut off at the frame's edges; a nested drawing clips without needing an id. */
export function clipped({ left, right, top, bottom }: ChartFrame, content: string): string {
  const margin = 6;
  const [x, y] = [left - margin, top - margin];
  const [w, h] = [right - left + 2 * margin, bottom - top + margin];
  return `<svg x="${px(x)}" y="${px(y)}" width="${px(w)}" height="${px(h)}" viewBox="${px(x)} ${px(y)} ${px(w)} ${px(h)}" overflow="hidden">${content}</svg>`;
}

/** Label positions pushed apart until none overlaps another, none outside low … high, in the order of the wanted ones. */
export function spread(wanted: readonly number[], distance: number, low: number, high: number): readonly number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
  const step = Math.min(distance, (high - low) / Math.max(1, wanted.length - 1));
  const placed = order.map((i) => Math.min(high, Math.max(low, wanted[i]!)));
  for (let i = 1; i < placed.length; i++) placed[i] = Math.max(placed[i]!, placed[i - 1]! + step);
  for (let i = placed.length - 1, limit = high; i >= 0; i--, limit = placed[i + 1]! - step)
    placed[i] = Math.min(placed[i]!, limit);
  const result: number[] = [];
  order.forEach((i, rank) => {
    result[i] = placed[rank]!;
  });
  return result;
}
