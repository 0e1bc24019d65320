import { GadoliniteError } from "../core/errors.js";
import { type Axis, isDrawable } from "./axis.js";
import { type ChartFrame, chartFrame, clipped, spread } from "./chartFrame.js";
import { FONT_SIZE, lineElement, px, seriesGroup, shorten, svgDocument, textElement, textWidth } from "./svg.js";

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  /** Ends of the interval around y; both or neither. */
  readonly low?: number;
  readonly high?: number;
}

export interface ChartSeries {
  readonly name: string;
  /** By rising x. A point that is not finite breaks the line. */
  readonly points: readonly ChartPoint[];
  /** Default false. */
  readonly dashed?: boolean;
}

export interface LineChartOptions {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly ChartSeries[];
  /** How intervals are drawn. Default `"band"`. */
  readonly intervals?: "band" | "bars";
  /** Size in CSS pixels. Default 640 × 400. */
  readonly width?: number;
  readonly height?: number;
}

/**
 * Draws lines with markers and intervals, each labelled at its end, as an SVG.
 *
 * Series differ by colour (Okabe and Ito) and by marker. Text and axes take the colour of the page around them, so the
 * chart is legible on light and dark grounds; the text can be selected.
 *
 * @returns one `<svg>` element; it holds no script, style or id
 * @throws `out-of-range` if there is nothing finite to draw, or a series on a logarithmic axis is not positive
 * @example
 * lineChart({
 *   title: "Restoration by dose",
 *   x: { label: "dose", percent: true },
 *   y: { label: "PSNR (dB)" },
 *   series: [{ name: "low dose", points: [{ x: 0.1, y: 20.8 }, { x: 0.3, y: 23 }], dashed: true }],
 * });
 */
export function lineChart(options: LineChartOptions): string {
  const { title, x, y, series, intervals = "band", width = 640, height = 400 } = options;
  const points = series.flatMap((s) => s.points);
  checkPositiveOnLog(
    x,
    points.map((p) => p.x),
  );
  checkPositiveOnLog(
    y,
    points.flatMap((p) => [p.y, p.low ?? p.y, p.high ?? p.y]),
  );
  const labelWidth = Math.min(0.35 * width, 32 + Math.max(0, ...series.map(({ name }) => textWidth(name))));
  const frame = chartFrame({
    title,
    x,
    y,
    xValues: points.filter(isPoint).map((p) => p.x),
    yValues: points.filter(isPoint).flatMap((p) => [p.y, p.low ?? p.y, p.high ?? p.y]),
    width,
    height,
    labelWidth: series.some(({ name }) => name) ? labelWidth : 0,
  });
  const bands = intervals === "band" ? series.map((s, n) => seriesGroup(n, band(s, frame))) : [];
  const lines = series.map((s, n) => seriesGroup(n, (intervals === "bars" ? bars(s, frame) : "") + curve(s, n, frame)));
  return svgDocument(
    title,
    `Line chart of ${y.label} against ${x.label}: ${series.map((s) => s.name).join(", ")}.`,
    width,
    height,
    frame.markup + clipped(frame, bands.join("") + lines.join("")) + endLabels(series, frame, labelWidth),
  );
}

function checkPositiveOnLog({ scale, label }: Axis, values: readonly number[]): void {
  const bad = scale === "log" ? values.find((v) => v <= 0) : undefined;
  if (bad !== undefined)
    throw new GadoliniteError("out-of-range", `"${label}" is logarithmic, so every value must be positive, but one is ${bad}.`);
}

/** The series in runs of neighbouring points that can be drawn. */
function runs(points: readonly ChartPoint[], drawable: (p: ChartPoint) => boolean): readonly (readonly ChartPoint[])[] {
  const result: ChartPoint[][] = [[]];
  for (const p of points) {
    if (drawable(p)) result.at(-1)!.push(p);
    else if (result.at(-1)!.length > 0) result.push([]);
  }
  return result.filter((run) => run.length > 0);
}

const isPoint = ({ x, y }: ChartPoint) => isDrawable(x) && isDrawable(y);
const hasInterval = (p: ChartPoint) => isPoint(p) && isDrawable(p.low ?? Number.NaN) && isDrawable(p.high ?? Number.NaN);

function band({ points }: ChartSeries, { x, y }: ChartFrame): string {
  return runs(points, hasInterval)
    .filter((run) => run.length > 1)
    .map((run) => {
      const upper = run.map((p) => `${px(x.position(p.x))} ${px(y.position(p.high!))}`);
      const lower = run.map((p) => `${px(x.position(p.x))} ${px(y.position(p.low!))}`).reverse();
      return `<path d="M${[...upper, ...lower].join("L")}Z" fill="currentColor" opacity="0.16"/>`;
    })
    .join("");
}

function bars({ points }: ChartSeries, { x, y }: ChartFrame): string {
  return points
    .filter(hasInterval)
    .map((p) => {
      const [at, low, high] = [x.position(p.x), y.position(p.low!), y.position(p.high!)];
      const d = `M${px(at)} ${px(low)}V${px(high)}M${px(at - 4)} ${px(low)}h8M${px(at - 4)} ${px(high)}h8`;
      return `<path d="${d}" fill="none" stroke="currentColor" stroke-width="1.25"/>`;
    })
    .join("");
}

/** Above this many points markers would merge into a worm. */
const MOST_MARKERS = 40;

function curve({ points, dashed }: ChartSeries, n: number, { x, y }: ChartFrame): string {
  const at = (p: ChartPoint) => `${px(x.position(p.x))} ${px(y.position(p.y))}`;
  const pieces = runs(points, isPoint);
  const lines = pieces.filter((run) => run.length > 1).map((run) => `M${run.map(at).join("L")}`);
  const dash = dashed ? ` stroke-dasharray="6 4"` : "";
  const path = `<path d="${lines.join("")}" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"${dash}/>`;
  const markers = pieces.flat().length > MOST_MARKERS ? [] : pieces.flat();
  return (lines.length > 0 ? path : "") + markers.map((p) => marker(x.position(p.x), y.position(p.y), n)).join("");
}

const MARKERS = [
  "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
  "m-3.6 -3.6h7.2v7.2h-7.2z",
  "m0 -4.6l4.4 7.8h-8.8z",
  "m0 -5l5 5l-5 5l-5 -5z",
  "m0 4.6l4.4 -7.8h-8.8z",
  "m-1.4 -4.2h2.8v2.8h2.8v2.8h-2.8v2.8h-2.8v-2.8h-2.8v-2.8h2.8z",
] as const;

/** The marker of the n-th series: series can be told apart in grey, too. */
export const marker = (x: number, y: number, n: number): string =>
  `<path d="M${px(x)} ${px(y)}${MARKERS[n % MARKERS.length]}" fill="currentColor"/>`;

/** Names at the right, level with the lines' ends as far as there is room, and joined to them. */
function endLabels(series: readonly ChartSeries[], frame: ChartFrame, labelWidth: number): string {
  const ends = series.flatMap((s, n) => {
    const last = s.points.filter(isPoint).at(-1);
    return last && s.name ? [{ n, name: s.name, x: frame.x.position(last.x), y: frame.y.position(last.y) }] : [];
  });
  const at = spread(
    ends.map((end) => end.y),
    FONT_SIZE + 4,
    frame.top,
    frame.bottom,
  );
  return ends
    .map((end, i) => {
      const start = Math.min(end.x + 7, frame.right + 6);
      const from = Math.min(frame.bottom, Math.max(frame.top, end.y));
      const joint = lineElement(start, from, frame.right + 16, at[i]!, `stroke="currentColor" opacity="0.6"`);
      const label = shorten(end.name, labelWidth - 30);
      return (
        seriesGroup(end.n, joint + marker(frame.right + 20, at[i]!, end.n)) +
        textElement(frame.right + 29, at[i]! + FONT_SIZE / 3, label)
      );
    })
    .join("");
}
