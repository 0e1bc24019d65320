import { encode } from "fast-png";
import type { Box } from "../core/boundingBox.js";
import { GadoliniteError } from "../core/errors.js";
import type { Mask, Volume } from "../core/volume.js";
import { checkOneOf, checkPositive, checkSameGrid, checkWithin } from "../internal/check.js";
import { type Canvas, createCanvas, type DrawTextOptions, drawText } from "./canvas.js";
import type { Colormap, Rgb } from "./colormap.js";
import { fitText } from "./font.js";
import type { IntensityWindow } from "./grayscale.js";
import { copyPanel, drawBar, drawEdges, labelHeight, layOutMontage, type MontageLayout } from "./montageLayout.js";
import { type PanelView, paintPanel } from "./panel.js";
import { type Plane, type SliceChoice, type SliceView, sliceView } from "./sliceView.js";
import { type PercentileWindow, resolveWindow } from "./windowCaption.js";

/** The outline of a mask, drawn over a slice. */
export interface Contour {
  /** On the grid of the volume it is drawn over. */
  readonly mask: Mask;
  /** Default orange. */
  readonly color?: Rgb;
}

/** A volume with a way of its own to be shown; what is left out is as in the options. */
export interface MontagePanel {
  readonly volume: Volume;
  readonly window?: IntensityWindow | PercentileWindow;
  readonly colormap?: Colormap;
  readonly slice?: SliceChoice;
  readonly box?: Box;
  readonly contours?: readonly Contour[];
}

export interface MontageOptions {
  /**
   * The intensities shown as black and white (on a diverging map: the ends). Percentiles of a diverging panel are widened
   * to a window around 0, so that white is no difference.
   */
  readonly window: IntensityWindow | PercentileWindow;
  /** Default `"gray"`. */
  readonly colormap?: Colormap;
  /** Default `"axial"`. */
  readonly plane?: Plane;
  /** Default: the middle slice of each volume, or of the box. */
  readonly slice?: SliceChoice;
  /** Part of each volume to be shown, in voxels as stored (see `boundingBox`). Default: all. */
  readonly box?: Box;
  /** `"radiological"`: the patient's right is at the left of the image. Default `"radiological"`. */
  readonly convention?: "radiological" | "neurological";
  /** Outlines over every panel. Default none. */
  readonly contours?: readonly Contour[];
  /** Headings above the columns. */
  readonly columnLabels?: readonly string[];
  /** Headings beside the rows, read from bottom to top. */
  readonly rowLabels?: readonly string[];
  /** Image pixels per voxel of the finest spacing in any panel. Default: the least whole number that makes a panel 192 pixels wide or high. */
  readonly zoom?: number;
  /** `"nearest"` shows voxels as they are, `"linear"` smooths between them. Default `"nearest"`. */
  readonly interpolation?: "nearest" | "linear";
  /** Letters R, L, A, P, S, I at the panels' edges. Default true. */
  readonly orientationLetters?: boolean;
  /** Which colour maps get a bar with numbers. Default `"diverging"`. */
  readonly colorBars?: "diverging" | "all" | "none";
  /** Height of a line of text in pixels, 8 or more. Default 16. */
  readonly textSize?: number;
  /** Ground around the panels: `"light"` for print, `"dark"` for the screen of a reading room. Default `"light"`. */
  readonly theme?: "light" | "dark";
}

/**
 * Draws slices of volumes, in rows and columns, into a PNG.
 *
 * Every volume is shown by its grid, whatever way it is stored: pixels are square in mm and of one size in all panels, the face is up, and the
 * patient's right is at the left of the image unless told otherwise; letters at the edges say so. An intensity v becomes the
 * gray round(255 · (v − low) / (high − low)), clamped; NaN is black, on a diverging map gray.
 *
 * The pixels of a head show a face: treat pictures as patients' data.
 *
 * @param volumes rows of volumes, or of panels (a volume with window, slice, contours … of its own); `undefined` leaves a place empty
 * @returns the PNG file, 8-bit RGB; the same input gives the same bytes
 * @throws `out-of-range` if there is no panel, a window, slice or box does not fit, or there are more labels than rows or
 *   columns; `grid-mismatch` if a contour lies on another grid than its volume
 * @example
 * const png = montage([[pre, low, restored, { volume: error, colormap: "diverging", window: { low: -200, high: 200 } }]], {
 *   window: { percentiles: [1, 99.5], of: post },
 *   slice: { through: tumour },
 *   contours: [{ mask: tumour }],
 *   columnLabels: ["before", "10 % dose", "restored", "restored − standard dose"],
 * });
 */
export function montage(
  volumes: readonly (readonly (Volume | MontagePanel | undefined)[])[],
  options: MontageOptions,
): Uint8Array {
  const { textSize = 16, theme = "light", columnLabels = [], rowLabels = [], colorBars = "diverging" } = options;
  const { zoom, interpolation = "nearest", orientationLetters = true } = options;
  checkOneOf("theme", theme, ["light", "dark"]);
  checkOneOf("interpolation", interpolation, ["nearest", "linear"]);
  checkOneOf("colorBars", colorBars, ["diverging", "all", "none"]);
  checkWithin("textSize", textSize, 8, 200);
  checkLabels(volumes, rowLabels, columnLabels);
  const windows = { gray: new Map<object, IntensityWindow>(), diverging: new Map<object, IntensityWindow>() };
  const views = volumes.map((row) => row.map((panel) => panel && viewPanel(panel, options, windows)));
  const scale = pixelsPerMm(
    views.flat().flatMap((panel) => panel?.view ?? []),
    zoom,
  );
  const panels = views.map((row) => row.map((view) => view && paintPanel(view, scale, interpolation)));
  const layout = layOutMontage(panels, {
    textSize,
    colorBars,
    columnLabels: columnLabels.length > 0,
    rowLabels: rowLabels.length > 0,
  });
  const canvas = createCanvas(layout.width, layout.height, theme === "light" ? WHITE : NEAR_BLACK);
  const style = { size: textSize, color: theme === "light" ? NEAR_BLACK : NEAR_WHITE };
  drawLabels(canvas, layout, columnLabels, rowLabels, style);
  panels.forEach((row, r) => {
    row.forEach((panel, c) => {
      if (!panel) return;
      const x = layout.left[c]! + ((layout.widths[c]! - panel.width) >> 1);
      const y = layout.top[r]! + ((layout.heights[r]! - panel.height) >> 1);
      copyPanel(canvas, panel, x, y);
      if (orientationLetters) drawEdges(canvas, panel, x, y, textSize);
      if (layout.bars[r]![c]) drawBar(canvas, panel, x, layout.top[r]! + layout.heights[r]!, panel.width, style);
    });
  });
  return encode({ width: canvas.width, height: canvas.height, data: canvas.data, channels: 3, depth: 8 });
}

const WHITE: Rgb = [255, 255, 255];
const NEAR_WHITE: Rgb = [230, 230, 234];
const NEAR_BLACK: Rgb = [20, 20, 24];
const ORANGE: Rgb = [230, 159, 0];

function checkLabels(rows: readonly (readonly unknown[])[], rowLabels: readonly string[], columnLabels: readonly string[]): void {
  if (!rows.some((row) => row.some(Boolean)))
    throw new GadoliniteError("out-of-range", "A montage needs at least one volume: [[volume, …], …], rows of columns.");
  const columns = Math.max(...rows.map((row) => row.length));
  if (rowLabels.length > rows.length || columnLabels.length > columns)
    throw new GadoliniteError(
      "out-of-range",
      `There are ${rowLabels.length} row and ${columnLabels.length} column labels for ${rows.length} rows and ${columns} columns.`,
    );
}

function viewPanel(
  item: Volume | MontagePanel,
  options: MontageOptions,
  windows: Record<Colormap, Map<object, IntensityWindow>>,
): PanelView {
  const panel: MontagePanel = "volume" in item ? item : { volume: item };
  const { volume, colormap = options.colormap ?? "gray", contours = options.contours ?? [] } = panel;
  const { slice = options.slice, box = options.box } = panel;
  checkOneOf("colormap", colormap, ["gray", "diverging"]);
  const how = {
    ...(options.plane && { plane: options.plane }),
    ...(options.convention && { convention: options.convention }),
    ...(slice && { slice }),
    ...(box && { box }),
  };
  return {
    view: sliceView(volume, how),
    window: knownWindow(panel.window ?? options.window, colormap, windows),
    colormap,
    outlines: contours.map(({ mask, color = ORANGE }) => {
      checkSameGrid(volume.grid, mask.grid);
      return { view: sliceView(mask, how), color };
    }),
  };
}

/** Percentiles cost a sort: each window of the caller is worked out once for each map. */
function knownWindow(
  window: IntensityWindow | PercentileWindow,
  colormap: Colormap,
  known: Record<Colormap, Map<object, IntensityWindow>>,
): IntensityWindow {
  const resolved = known[colormap].get(window) ?? resolveWindow(window, colormap);
  known[colormap].set(window, resolved);
  return resolved;
}

const PANEL_PIXELS = 192;

/** Image pixels per mm: a whole number of them per voxel of the finest spacing, unless the caller says otherwise. */
function pixelsPerMm(views: readonly SliceView[], zoom: number | undefined): number {
  const finest = Math.min(...views.flatMap(({ pixelMm }) => pixelMm));
  if (zoom !== undefined) checkPositive("zoom", zoom);
  const longest = Math.max(...views.flatMap(({ width, height, pixelMm }) => [width * pixelMm[0], height * pixelMm[1]]));
  const factor = zoom ?? Math.max(1, Math.ceil((PANEL_PIXELS * finest) / longest - 1e-6));
  if ((longest * factor) / finest > MOST_PIXELS)
    throw new GadoliniteError(
      "out-of-range",
      `At zoom ${factor} a panel would be ${Math.round((longest * factor) / finest)} pixels long; at most ${MOST_PIXELS} are drawn.`,
    );
  return factor / finest;
}

const MOST_PIXELS = 8192;

function drawLabels(
  canvas: Canvas,
  { left, top, widths, heights }: MontageLayout,
  columnLabels: readonly string[],
  rowLabels: readonly string[],
  style: DrawTextOptions,
): void {
  const { size } = style;
  const baseline = labelHeight(size) - Math.round(0.1 * size);
  columnLabels.forEach((label, c) => {
    const text = fitText(label, size, widths[c]!);
    drawText(canvas, left[c]! + widths[c]! / 2, baseline, text, { ...style, align: "center" });
  });
  rowLabels.forEach((label, r) => {
    const text = fitText(label, size, heights[r]!);
    drawText(canvas, baseline, top[r]! + heights[r]! / 2, text, { ...style, align: "center", upwards: true });
  });
}
