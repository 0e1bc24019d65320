import type { Rgb } from "./colormap.js";
import { inkText, measureText } from "./font.js";

/** A picture in the making: red, green, blue bytes, rows from the top. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export function createCanvas(width: number, height: number, color: Rgb): Canvas {
  const canvas = { width, height, data: new Uint8Array(3 * width * height) };
  fillRectangle(canvas, 0, 0, width, height, color);
  return canvas;
}

/** Fills a rectangle, as far as it lies on the canvas. */
export function fillRectangle({ width, height, data }: Canvas, x: number, y: number, w: number, h: number, [r, g, b]: Rgb): void {
  for (let row = Math.max(0, y); row < Math.min(height, y + h); row++)
    for (let column = Math.max(0, x); column < Math.min(width, x + w); column++) {
      const at = 3 * (row * width + column);
      data[at] = r;
      data[at + 1] = g;
      data[at + 2] = b;
    }
}

/** Mixes a colour into a pixel; what lies beside the canvas is dropped. */
export function blendPixel({ width, height, data }: Canvas, x: number, y: number, color: Rgb, part: number): void {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  const at = 3 * (y * width + x);
  for (let c = 0; c < 3; c++) data[at + c] = Math.round(data[at + c]! + part * (color[c]! - data[at + c]!));
}

export interface DrawTextOptions {
  readonly size: number;
  readonly color: Rgb;
  /** Colour of an outline that keeps the text legible on any ground. Default none. */
  readonly outline?: Rgb;
  /** Where the text's `x` lies in it. Default `"left"`. */
  readonly align?: "left" | "center" | "right";
  /** Reads from the bottom to the top, x and y turned with it. Default false. */
  readonly upwards?: boolean;
}

/** Draws a line of text; y is its baseline. */
export function drawText(canvas: Canvas, x: number, y: number, text: string, options: DrawTextOptions): void {
  const { size, color, outline, align = "left", upwards = false } = options;
  const shift = align === "left" ? 0 : measureText(text, size) / (align === "center" ? -2 : -1);
  const [left, baseline] = upwards ? [Math.round(x), Math.round(y - shift)] : [Math.round(x + shift), Math.round(y)];
  const draw = (bolder: number, ink: Rgb, strength: number) =>
    inkText(text, size, bolder, (dx, dy, coverage) =>
      upwards
        ? blendPixel(canvas, left + dy, baseline - 1 - dx, ink, coverage * strength)
        : blendPixel(canvas, left + dx, baseline + dy, ink, coverage * strength),
    );
  if (outline) draw(2.5, outline, 0.8);
  draw(0, color, 1);
}
