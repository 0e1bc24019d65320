import { type Canvas, type DrawTextOptions, drawText, fillRectangle } from "./canvas.js";
import { colorTable, type Rgb } from "./colormap.js";
import { measureText } from "./font.js";
import { formatNumber } from "./formatNumber.js";
import type { IntensityWindow } from "./grayscale.js";
import type { Panel } from "./panel.js";

export type PanelRows = readonly (readonly (Panel | undefined)[])[];

/** Where rows and columns lie on the picture. */
export interface MontageLayout {
  readonly width: number;
  readonly height: number;
  readonly left: readonly number[];
  readonly top: readonly number[];
  readonly widths: readonly number[];
  readonly heights: readonly number[];
  /** Which panels have a colour bar below them. */
  readonly bars: readonly (readonly boolean[])[];
}

export interface LayoutOptions {
  readonly textSize: number;
  readonly columnLabels: boolean;
  readonly rowLabels: boolean;
  readonly colorBars: "diverging" | "all" | "none";
}

/** Height of a line of labels, baseline and room included. */
export const labelHeight = (textSize: number): number => Math.round(1.6 * textSize);
const barHeight = (textSize: number) => Math.round(0.5 * textSize);

export function layOutMontage(rows: PanelRows, options: LayoutOptions): MontageLayout {
  const { textSize, columnLabels, rowLabels } = options;
  const gap = Math.max(4, Math.round(textSize / 3));
  const margin = Math.round(textSize / 2);
  const columnCount = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columnCount }, (_, c) => Math.max(0, ...rows.map((row) => row[c]?.width ?? 0)));
  const heights = rows.map((row) => Math.max(0, ...row.map((panel) => panel?.height ?? 0)));
  const bars = rows.map((row, r) => row.map((panel, c) => hasBar(panel, rows[r + 1]?.[c], options.colorBars)));
  const left: number[] = [];
  const top: number[] = [];
  let x = margin + (rowLabels ? labelHeight(textSize) : 0);
  for (const w of widths) {
    left.push(x);
    x += w + gap;
  }
  let y = margin + (columnLabels ? labelHeight(textSize) : 0);
  heights.forEach((h, r) => {
    top.push(y);
    y += h + gap + (bars[r]!.some(Boolean) ? 2 * barHeight(textSize) + textSize : 0);
  });
  return { width: x - gap + margin, height: y - gap + margin, left, top, widths, heights, bars };
}

/** A bar stands below the last of several panels with one window. */
function hasBar(panel: Panel | undefined, below: Panel | undefined, colorBars: LayoutOptions["colorBars"]): boolean {
  if (!panel || colorBars === "none" || (colorBars === "diverging" && panel.colormap !== "diverging")) return false;
  return !(below && below.colormap === panel.colormap && sameWindow(below.window, panel.window));
}

const sameWindow = (a: IntensityWindow, b: IntensityWindow) => a.low === b.low && a.high === b.high;

/** Copies a painted slice onto the picture. */
export function copyPanel({ data, width }: Canvas, panel: Panel, x: number, y: number): void {
  for (let row = 0; row < panel.height; row++)
    data.set(panel.data.subarray(3 * row * panel.width, 3 * (row + 1) * panel.width), 3 * ((y + row) * width + x));
}

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/** Letters that say which side of the patient is where; left out where the panel is too small for them. */
export function drawEdges(
  canvas: Canvas,
  { edges, colormap, width, height }: Panel,
  x: number,
  y: number,
  textSize: number,
): void {
  const size = Math.max(8, Math.round(0.75 * textSize));
  if (Math.min(width, height) < 4 * size) return;
  // On a diverging map the ground is white.
  const style = colormap === "gray" ? { size, color: WHITE, outline: BLACK } : { size, color: BLACK, outline: WHITE };
  const inset = Math.round(0.4 * size);
  const middle = Math.round(y + height / 2 + 0.35 * size);
  drawText(canvas, x + inset, middle, edges.left, style);
  drawText(canvas, x + width - inset, middle, edges.right, { ...style, align: "right" });
  drawText(canvas, x + width / 2, y + inset + Math.round(0.7 * size), edges.top, { ...style, align: "center" });
  drawText(canvas, x + width / 2, y + height - inset, edges.bottom, { ...style, align: "center" });
}

/** A bar of the colour map with the values of its ends and, where there is room, its middle. */
export function drawBar(canvas: Canvas, panel: Panel, x: number, y: number, width: number, style: DrawTextOptions): void {
  const { size } = style;
  const { low, high } = panel.window;
  const top = y + Math.round(0.5 * barHeight(size));
  const table = colorTable(panel.colormap);
  for (let i = 0; i < width; i++) {
    const step = Math.round((255 * i) / Math.max(1, width - 1));
    const color: Rgb = [table[3 * step]!, table[3 * step + 1]!, table[3 * step + 2]!];
    fillRectangle(canvas, x + i, top, 1, barHeight(size), color);
  }
  const numberSize = Math.max(8, Math.round(0.8 * size));
  const labels = [low, (low + high) / 2, high].map((v) => formatNumber(Number(v.toPrecision(4))));
  const places = ["left", "center", "right"] as const;
  const room = measureText(labels.join("   "), numberSize) <= width;
  labels.forEach((label, i) => {
    if (i === 1 && !room) return;
    const at = x + (i * width) / 2;
    drawText(canvas, at, top + barHeight(size) + Math.round(0.95 * size), label, {
      ...style,
      size: numberSize,
      align: places[i]!,
    });
  });
}
