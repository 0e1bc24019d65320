import { GadoliniteError } from "../core/errors.js";
import type { Axis } from "./axis.js";
import { type ChartFrame, chartFrame, clipped } from "./chartFrame.js";
import { FONT_SIZE, lineElement, px, seriesGroup, shorten, svgDocument, textElement, textWidth } from "./svg.js";

export interface HistogramSeries {
  readonly name: string;
  /** Number of values in each bin. */
  readonly counts: ArrayLike<number>;
  /** Lower edge of the first bin. */
  readonly low: number;
  readonly binWidth: number;
  /** Values to mark, e.g. the peaks that a calibration found. */
  readonly peaks?: readonly { readonly x: number; readonly label?: string }[];
  /** Default false. */
  readonly dashed?: boolean;
}

export interface HistogramChartOptions {
  readonly title: string;
  readonly x: Axis;
  /** Default: voxels, linear. With `scale: "log"` empty bins lie at the bottom. */
  readonly y?: Axis;
  readonly series: readonly HistogramSeries[];
  /** Size in CSS pixels. Default 640 × 320. */
  readonly width?: number;
  readonly height?: number;
}

/**
 * Draws histograms as step lines, with marked peaks, as an SVG; takes what `histogram` gives.
 *
 * @returns one `<svg>` element; it holds no script, style or id
 * @throws `out-of-range` if there is no bin, a count is negative or not finite, or a bin's width not positive
 * @example
 * const { counts, low, binWidth } = histogram(pre, { bins: 256 });
 * histogramChart({ title: "T1", x: { label: "intensity" }, series: [{ name: "pre", counts, low, binWidth }] });
 */
export function histogramChart(options: HistogramChartOptions): string {
  const { title, x, y = { label: "voxels" }, series, width = 640, height = 320 } = options;
  series.forEach(checkSeries);
  const counts = series.flatMap((s) => Array.from(s.counts));
  // On a logarithmic axis one voxel still stands above the ground.
  const floor = y.scale === "log" ? 0.7 * counts.reduce((least, v) => (v > 0 && v < least ? v : least), Infinity) : 0;
  const frame = chartFrame({
    title,
    x,
    y,
    xValues: series.flatMap((s) => [s.low, s.low + s.counts.length * s.binWidth]),
    yValues: [floor, ...counts],
    width,
    height,
    labelWidth: 0,
  });
  const lines = series.map((s, n) => seriesGroup(n, steps(s, frame, floor)));
  return svgDocument(
    title,
    `Histogram of ${x.label}: ${series.map((s) => s.name).join(", ")}.`,
    width,
    height,
    frame.markup +
      clipped(frame, lines.join("")) +
      series.map((s, n) => peaks(s, n, frame, floor)).join("") +
      legend(series, frame),
  );
}

function checkSeries({ name, counts, low, binWidth }: HistogramSeries): void {
  const wrong = Array.from(counts).find((v) => !(v >= 0 && v < Infinity));
  if (wrong !== undefined)
    throw new GadoliniteError("out-of-range", `The counts of "${name}" must be finite and not negative, but one is ${wrong}.`);
  if (counts.length === 0 || !(binWidth > 0 && binWidth < Infinity) || !Number.isFinite(low))
    throw new GadoliniteError(
      "out-of-range",
      `"${name}" needs a bin, a finite low and a positive binWidth, but has ${counts.length} bins from ${low}, ${binWidth} wide.`,
    );
}

function steps({ counts, low, binWidth, dashed }: HistogramSeries, { x, y }: ChartFrame, floor: number): string {
  const level = (count: number) => px(y.position(Math.max(count, floor)));
  let d = `M${px(x.position(low))} ${level(0)}`;
  for (let bin = 0; bin < counts.length; bin++) d += `V${level(counts[bin]!)}H${px(x.position(low + (bin + 1) * binWidth))}`;
  d += `V${level(0)}`;
  const dash = dashed ? ` stroke-dasharray="5 3"` : "";
  return `<path d="${d}" fill="currentColor" fill-opacity="0.1" stroke="none"/><path d="${d}" fill="none" stroke="currentColor" stroke-width="1.5"${dash}/>`;
}

function peaks({ peaks = [], counts, low, binWidth }: HistogramSeries, n: number, frame: ChartFrame, floor: number): string {
  return peaks
    .filter((peak) => peak.x >= frame.x.low && peak.x <= frame.x.high)
    .map((peak) => {
      const bin = Math.min(counts.length - 1, Math.max(0, Math.floor((peak.x - low) / binWidth)));
      const at = frame.x.position(peak.x);
      const top = Math.max(frame.top, frame.y.position(Math.max(counts[bin]!, floor)));
      const tip = `<path d="M${px(at)} ${px(top - 3)}l-4 -7h8z" fill="currentColor"/>`;
      const drop = lineElement(at, top, at, frame.bottom, `stroke="currentColor" stroke-dasharray="2 3"`);
      return seriesGroup(n, drop + tip) + (peak.label ? peakLabel(at, top, peak.label, frame) : "");
    })
    .join("");
}

/** Above the tip where there is room, else beside it, towards the middle. */
function peakLabel(at: number, top: number, label: string, frame: ChartFrame): string {
  const half = textWidth(label, 11) / 2;
  if (top - frame.top > 24 && at - half > frame.left && at + half < frame.right)
    return textElement(at, top - 14, label, { anchor: "middle", size: 11 });
  const side = at > (frame.left + frame.right) / 2 ? -1 : 1;
  return textElement(at + 8 * side, top - 2, label, { anchor: side < 0 ? "end" : "start", size: 11 });
}

/** Names at the upper right, where histograms of images are low. */
function legend(series: readonly HistogramSeries[], { right, top }: ChartFrame): string {
  const named = series.flatMap((s, n) => (s.name ? [{ ...s, n, label: shorten(s.name, 240) }] : []));
  const width = Math.max(0, ...named.map(({ label }) => textWidth(label)));
  return named
    .map(({ n, label, dashed }, row) => {
      const y = top + 6 + row * (FONT_SIZE + 6);
      const dash = dashed ? ` stroke-dasharray="5 3"` : "";
      const sample = lineElement(right - width - 30, y, right - width - 8, y, `stroke="currentColor" stroke-width="2"${dash}`);
      return seriesGroup(n, sample) + textElement(right - width, y + FONT_SIZE / 3, label);
    })
    .join("");
}
