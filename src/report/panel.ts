import { type Colormap, colorTable, type Rgb } from "./colormap.js";
import { grayscale, type IntensityWindow } from "./grayscale.js";
import type { SliceView } from "./sliceView.js";

/** One slice, ready to be painted. */
export interface PanelView {
  readonly view: SliceView;
  readonly window: IntensityWindow;
  readonly colormap: Colormap;
  readonly outlines: readonly { readonly view: SliceView<Uint8Array>; readonly color: Rgb }[];
}

/** A painted slice: square pixels, red, green, blue. */
export interface Panel {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  readonly edges: SliceView["edges"];
  readonly window: IntensityWindow;
  readonly colormap: Colormap;
}

const NOT_A_NUMBER: Rgb = [128, 128, 128];

/** Paints a slice at so many image pixels per mm. */
export function paintPanel(
  { view, window, colormap, outlines }: PanelView,
  pixelsPerMm: number,
  interpolation: "nearest" | "linear",
): Panel {
  const width = Math.max(1, Math.round(view.width * view.pixelMm[0] * pixelsPerMm));
  const height = Math.max(1, Math.round(view.height * view.pixelMm[1] * pixelsPerMm));
  const values = (interpolation === "nearest" ? scaleNearest : scaleLinear)(view, width, height);
  const steps = grayscale(values, { window });
  const table = colorTable(colormap);
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < steps.length; i++) for (let c = 0; c < 3; c++) data[3 * i + c] = table[3 * steps[i]! + c]!;
  if (colormap === "diverging") values.forEach((v, i) => Number.isNaN(v) && data.set(NOT_A_NUMBER, 3 * i));
  const thickness = Math.max(1, Math.round((view.pixelMm[0] * pixelsPerMm) / 2));
  for (const outline of outlines) paintOutline(data, outline.view, width, height, Math.min(3, thickness), outline.color);
  return { width, height, data, edges: view.edges, window, colormap };
}

/** The old pixel in whose area the middle of each new pixel lies. */
const nearestIndex = (length: number, count: number) =>
  Int32Array.from({ length }, (_, i) => Math.floor(((i + 0.5) * count) / length));

function scaleNearest<T extends Float32Array | Uint8Array>({ data, width, height }: SliceView<T>, w: number, h: number): T {
  const out = new (data.constructor as new (length: number) => T)(w * h);
  const columns = nearestIndex(w, width);
  const rows = nearestIndex(h, height);
  for (let y = 0, o = 0; y < h; y++) for (let x = 0; x < w; x++, o++) out[o] = data[rows[y]! * width + columns[x]!]!;
  return out;
}

/** Linear between pixel centres; beyond the outermost ones, their values. */
function scaleLinear({ data, width, height }: SliceView, w: number, h: number): Float32Array {
  const out = new Float32Array(w * h);
  const place = (i: number, length: number, count: number) =>
    Math.min(count - 1, Math.max(0, ((i + 0.5) * count) / length - 0.5));
  for (let y = 0, o = 0; y < h; y++) {
    const v = place(y, h, height);
    const row = Math.floor(v);
    const below = Math.min(row + 1, height - 1);
    for (let x = 0; x < w; x++, o++) {
      const u = place(x, w, width);
      const column = Math.floor(u);
      const beside = Math.min(column + 1, width - 1);
      const upper = mix(data[row * width + column]!, data[row * width + beside]!, u - column);
      const lower = mix(data[below * width + column]!, data[below * width + beside]!, u - column);
      out[o] = mix(upper, lower, v - row);
    }
  }
  return out;
}

// Without the branch a NaN or infinite neighbour would spoil a pixel that it has no part in.
const mix = (a: number, b: number, t: number) => (t === 0 ? a : (1 - t) * a + t * b);

/** Colours the pixels of a mask that have one outside it, or the edge of the image, within `thickness` steps. */
function paintOutline(rgb: Uint8Array, mask: SliceView<Uint8Array>, w: number, h: number, thickness: number, color: Rgb): void {
  let inside = scaleNearest(mask, w, h);
  for (let ring = 0; ring < thickness; ring++) {
    const rest = inside.slice();
    for (let y = 0, o = 0; y < h; y++)
      for (let x = 0; x < w; x++, o++) {
        if (!inside[o]) continue;
        const inner =
          x > 0 && x < w - 1 && y > 0 && y < h - 1 && inside[o - 1] && inside[o + 1] && inside[o - w] && inside[o + w];
        if (inner) continue;
        rest[o] = 0;
        rgb.set(color, 3 * o);
      }
    inside = rest;
  }
}
