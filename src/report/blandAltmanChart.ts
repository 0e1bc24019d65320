import { GadoliniteError } from "../core/errors.js";
import { chartFrame, clipped, spread } from "./chartFrame.js";
import { formatNumber } from "./formatNumber.js";
import { meanOf, standardDeviation } from "./sampleStatistics.js";
import { FONT_SIZE, lineElement, px, seriesGroup, svgDocument, textElement, textWidth } from "./svg.js";

export interface BlandAltmanChartOptions {
  readonly title: string;
  /** What was measured and its unit, e.g. `"CNR"` or `"volume (ml)"`. */
  readonly quantity: string;
  /** Digits of the bias and the limits. Default 2. */
  readonly decimals?: number;
  /** Size in CSS pixels. Default 640 × 400. */
  readonly width?: number;
  readonly height?: number;
}

/**
 * Draws the agreement of two methods: each pair's difference (test − reference) against its mean, with the bias d̄ and the 95 %
 * limits of agreement d̄ ± 1.96 s, as an SVG.
 *
 * @param reference values by the reference method; finite
 * @param test      values by the other method, of the same cases in the same order
 * @returns one `<svg>` element; it holds no script, style or id
 * @throws `out-of-range` if there are fewer than two pairs, the lengths differ, or a value is not finite
 * @see Bland and Altman 1986, Lancet 327:307
 * @example
 * blandAltmanChart(standardDose, restored, { title: "Enhancement, restored against standard dose", quantity: "CNR" });
 */
export function blandAltmanChart(
  reference: readonly number[],
  test: readonly number[],
  { title, quantity, decimals = 2, width = 640, height = 400 }: BlandAltmanChartOptions,
): string {
  if (reference.length !== test.length || reference.length < 2 || ![...reference, ...test].every(Number.isFinite))
    throw new GadoliniteError(
      "out-of-range",
      `Agreement needs two or more pairs of finite values, but there are ${reference.length} and ${test.length} values.`,
    );
  const means = reference.map((r, i) => (r + test[i]!) / 2);
  const differences = reference.map((r, i) => test[i]! - r);
  const bias = meanOf(differences);
  const reach = 1.96 * standardDeviation(differences);
  const limits = [
    { name: "mean + 1.96 SD", value: bias + reach, dash: ` stroke-dasharray="6 4"` },
    { name: "mean", value: bias, dash: "" },
    { name: "mean − 1.96 SD", value: bias - reach, dash: ` stroke-dasharray="6 4"` },
  ];
  const frame = chartFrame({
    title,
    x: { label: `mean ${quantity}` },
    y: { label: `difference of ${quantity}, test − reference` },
    xValues: means,
    yValues: [...differences, ...limits.map(({ value }) => value), 0],
    width,
    height,
    labelWidth: textWidth("mean + 1.96 SD") + 12,
  });
  const points = means.map((m, i) => {
    const [x, y] = [px(frame.x.position(m)), px(frame.y.position(differences[i]!))];
    return `<circle cx="${x}" cy="${y}" r="3.5" fill="currentColor" fill-opacity="0.55"/>`;
  });
  const zero = frame.y.position(0);
  const lines = limits.map(({ value, dash }) => {
    const y = frame.y.position(value);
    return lineElement(frame.left, y, frame.right, y, `stroke="currentColor" stroke-width="1.5"${dash}`);
  });
  const places = spread(
    limits.map(({ value }) => frame.y.position(value)),
    32,
    frame.top + 8,
    frame.bottom - 14,
  );
  const labels = limits.map(
    ({ name, value }, n) =>
      textElement(frame.right + 8, places[n]! - 2, name, { size: 11, opacity: 0.75 }) +
      textElement(frame.right + 8, places[n]! + FONT_SIZE - 1, formatNumber(value, { decimals }), { weight: 600 }),
  );
  const content = seriesGroup(0, points.join("")) + seriesGroup(1, lines.join(""));
  const ground = lineElement(frame.left, zero, frame.right, zero, `stroke="currentColor" opacity="0.5"`);
  const description = `Difference of ${quantity} against its mean, ${means.length} pairs: mean ${formatNumber(bias, { decimals })}, 95 % limits of agreement ${formatNumber(bias - reach, { decimals })} to ${formatNumber(bias + reach, { decimals })}.`;
  return svgDocument(title, description, width, height, frame.markup + ground + clipped(frame, content) + labels.join(""));
}
