import { chooseResults, type DoseResult } from "./doseTable.js";
import { lineChart } from "./lineChart.js";
import { meanOf } from "./sampleStatistics.js";

export interface DoseChartOptions {
  readonly title: string;
  /** The metric to tell. */
  readonly metric: string;
  /** The region to tell; may be left out where the metric was measured in one region only. */
  readonly region?: string;
  /** The metric's name and unit on the axis. Default its name. */
  readonly label?: string;
  /** Restorers in their order. Default: in the order in which they first occur. */
  readonly restorers?: readonly string[];
  /** A restorer that is drawn dashed, e.g. what the others start from. */
  readonly baseline?: string;
  /** The interval of a mean over cases, e.g. Student's. Default none. */
  readonly interval?: (values: readonly number[]) => readonly [low: number, high: number];
  /** Size in CSS pixels. Default 640 × 400. */
  readonly width?: number;
  readonly height?: number;
}

/**
 * Draws one metric against the dose, a line for each restorer: the mean over cases, with an interval if one is given, as an SVG.
 *
 * Undefined (NaN) results are left out, as in {@link doseTable}; a dose with an infinite mean (PSNR of equal images) has no point.
 *
 * @returns one `<svg>` element; it holds no script, style or id
 * @throws `out-of-range` as {@link doseTable}, or if no mean is finite
 * @see Chen et al. 2025, Eur Radiol, figure 4
 * @example
 * doseChart(results, { title: "PSNR by dose", metric: "psnr", label: "PSNR (dB)", baseline: "low dose" });
 */
export function doseChart(results: readonly DoseResult[], options: DoseChartOptions): string {
  const { title, metric, label = metric, baseline, interval, width, height } = options;
  const chosen = chooseResults(results, options);
  const restorers = options.restorers ?? [...new Set(chosen.map(({ restorer }) => restorer))];
  const doses = [...new Set(chosen.map(({ dose }) => dose))].sort((a, b) => a - b);
  const series = restorers.map((name) => ({
    name,
    dashed: name === baseline,
    points: doses.flatMap((dose) => {
      const own = chosen.filter((r) => r.restorer === name && r.dose === dose && !Number.isNaN(r.value));
      if (own.length === 0) return [];
      const values = own.map((r) => r.value);
      const y = meanOf(values);
      if (!interval || !Number.isFinite(y)) return [{ x: dose, y }];
      const [low, high] = interval(values);
      return [{ x: dose, y, low, high }];
    }),
  }));
  return lineChart({
    title,
    x: { label: "dose, per cent of the standard dose", percent: true },
    y: { label },
    series,
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
  });
}
