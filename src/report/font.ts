import { GLYPHS, type Glyph, SAME, UNKNOWN } from "./glyphs.js";

/** Units between neighbouring glyphs, stroke included. */
const GAP = 1.9;
/** A unit as a part of the text's size; a capital is 0.7 of it high, stroke included. */
const UNIT = 0.1;

/** Width of the pen in pixels. */
const penOf = (size: number) => Math.max(1.1, 0.095 * size);

/** The glyphs of a text; accents are dropped, what isn't in the font is a box. */
function glyphsOf(text: string): readonly Glyph[] {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "");
  return Array.from(plain, (character) => GLYPHS[SAME[character] ?? character] ?? UNKNOWN);
}

const advance = ([width]: Glyph, size: number) => Math.round((width + GAP) * UNIT * size);

/** Width of a text in pixels. */
export function measureText(text: string, size: number): number {
  const glyphs = glyphsOf(text);
  const gap = Math.round(GAP * UNIT * size - penOf(size));
  return Math.max(0, glyphs.reduce((sum, glyph) => sum + advance(glyph, size), 0) - gap);
}

/** The text cut to a width, with an ellipsis where something is missing. */
export function fitText(text: string, size: number, width: number): string {
  if (measureText(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 0 && measureText(`${characters.join("")}…`, size) > width) characters.pop();
  return `${characters.join("").trimEnd()}…`;
}

/**
 * The ink of a text: calls `ink(x, y, coverage)` for each pixel it touches, coverage within 0 and 1, x from the text's left
 * edge and y from its baseline downwards (so mostly negative).
 *
 * @param size height of a line's type in pixels
 * @param bolder pixels by which the pen is wider, for an outline behind the text
 */
export function inkText(text: string, size: number, bolder: number, ink: (x: number, y: number, coverage: number) => void): void {
  const pen = penOf(size);
  const reach = (pen + bolder) / 2 + 0.5;
  let left = 0;
  for (const glyph of glyphsOf(text)) {
    // The pen's edge, not its middle, lies on the pixel grid: stems and the baseline are sharp.
    const segments = segmentsOf(glyph[1], UNIT * size, left + pen / 2, -pen / 2);
    inkStrokes(segments, reach, ink);
    left += advance(glyph, size);
  }
}

function inkStrokes(segments: readonly Segment[], reach: number, ink: (x: number, y: number, coverage: number) => void): void {
  const xs = segments.flatMap(([x1, , x2]) => [x1, x2]);
  const ys = segments.flatMap(([, y1, , y2]) => [y1, y2]);
  if (segments.length === 0) return;
  const [x0, x1] = [Math.floor(Math.min(...xs) - reach), Math.ceil(Math.max(...xs) + reach)];
  const [y0, y1] = [Math.floor(Math.min(...ys) - reach), Math.ceil(Math.max(...ys) + reach)];
  for (let y = y0; y < y1; y++)
    for (let x = x0; x < x1; x++) {
      let nearest = Infinity;
      for (const segment of segments) nearest = Math.min(nearest, distance(segment, x + 0.5, y + 0.5));
      const coverage = Math.min(1, reach - nearest);
      if (coverage > 0) ink(x, y, coverage);
    }
}

type Segment = readonly [x1: number, y1: number, x2: number, y2: number];

function distance([x1, y1, x2, y2]: Segment, x: number, y: number): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const squared = dx * dx + dy * dy;
  const t = squared === 0 ? 0 : Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / squared));
  return Math.hypot(x - x1 - t * dx, y - y1 - t * dy);
}

const CURVE_STEPS = 8;

/** The strokes of a path, y downwards. */
function segmentsOf(path: string, unit: number, left: number, baseline: number): readonly Segment[] {
  const segments: Segment[] = [];
  let [x, y] = [0, 0];
  const lineTo = (toX: number, toY: number) => {
    segments.push([left + unit * x, baseline - unit * y, left + unit * toX, baseline - unit * toY]);
    [x, y] = [toX, toY];
  };
  for (const [, command, numbers] of path.matchAll(/([MLHVQ])([^MLHVQ]*)/g)) {
    const [a, b, c, d] = numbers!.trim().split(/\s+/).map(Number) as [number, number, number, number];
    if (command === "M") [x, y] = [a, b];
    else if (command === "L") lineTo(a, b);
    else if (command === "H") lineTo(a, y);
    else if (command === "V") lineTo(x, a);
    else {
      const [fromX, fromY] = [x, y];
      for (let step = 1; step <= CURVE_STEPS; step++) {
        const t = step / CURVE_STEPS;
        const s = 1 - t;
        lineTo(s * s * fromX + 2 * s * t * a + t * t * c, s * s * fromY + 2 * s * t * b + t * t * d);
      }
    }
  }
  return segments;
}
