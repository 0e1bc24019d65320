// Glyphs as strokes of a pen, drawn for this library: lines (M, L, H, V) and quadratic curves (Q) in units of which a capital
// is 6 high, the baseline at 0. Each entry: width, path. Strokes stay sharp at any size, where a bitmap would turn to blocks.
const BOWL_B = "M0 2.4Q0 4 1.7 4Q3.4 4 3.4 2.4V1.6Q3.4 0 1.7 0Q0 0 0 1.6";
const BOWL_D = "M3.4 2.4Q3.4 4 1.7 4Q0 4 0 2.4V1.6Q0 0 1.7 0Q3.4 0 3.4 1.6";
const RING = "M2.1 6Q4.2 6 4.2 4.2V1.8Q4.2 0 2.1 0Q0 0 0 1.8V4.2Q0 6 2.1 6";
const DOT = "V.05";

type Glyph = readonly [width: number, path: string];

const GLYPHS: Readonly<Record<string, Glyph>> = {
  " ": [1.4, ""],
  "!": [0, `M0 6V1.8M0 0${DOT}`],
  '"': [1.2, "M0 6V4.4M1.2 6V4.4"],
  "#": [4, "M1 0L1.6 6M2.8 0L3.4 6M.2 4H4M0 2H3.8"],
  $: [3.8, "M3.6 4.8Q3.2 5.7 1.9 5.7Q.2 5.7 .2 4.4Q.2 3.3 1.9 3.05Q3.8 2.75 3.8 1.6Q3.8 .3 1.9 .3Q.4 .3 0 1.4M1.9 6.7V-.7"],
  "%": [
    5,
    "M4.2 6L.8 0M1.1 6Q2.2 6 2.2 4.6Q2.2 3.2 1.1 3.2Q0 3.2 0 4.6Q0 6 1.1 6M3.9 2.8Q5 2.8 5 1.4Q5 0 3.9 0Q2.8 0 2.8 1.4Q2.8 2.8 3.9 2.8",
  ],
  "&": [4.2, "M4.2 0L1 4.2Q.4 6 1.7 6Q3 6 2.8 4.7Q2.6 3.9 1.2 3.2Q0 2.5 0 1.5Q0 0 1.6 0Q3.4 0 4 2.4"],
  "'": [0, "M0 6V4.4"],
  "(": [1.3, "M1.3 6.6Q0 5 0 2.8Q0 .6 1.3 -1"],
  ")": [1.3, "M0 6.6Q1.3 5 1.3 2.8Q1.3 .6 0 -1"],
  "*": [2.6, "M1.3 6V3.4M.1 5.3L2.5 4.1M.1 4.1L2.5 5.3"],
  "+": [3.6, "M1.8 4.6V1M0 2.8H3.6"],
  ",": [0.5, "M.5 .2L.5 0L0 -1.2"],
  "-": [2, "M0 2.6H2"],
  ".": [0, `M0 0${DOT}`],
  "/": [2.6, "M0 -.6L2.6 6.4"],
  "0": [3.8, "M1.9 6Q3.8 6 3.8 4.2V1.8Q3.8 0 1.9 0Q0 0 0 1.8V4.2Q0 6 1.9 6"],
  "1": [3.8, "M.6 4.7L2.2 6V0"],
  "2": [3.8, "M.1 4.6Q.3 6 1.9 6Q3.6 6 3.6 4.5Q3.6 3.5 2.6 2.6L0 0H3.8"],
  "3": [3.8, "M.1 5Q.6 6 1.9 6Q3.6 6 3.6 4.6Q3.6 3.2 1.6 3.2Q3.8 3.2 3.8 1.6Q3.8 0 1.9 0Q.4 0 0 1.2"],
  "4": [3.8, "M2.5 6L0 1.7H3.9M2.9 3.2V0"],
  "5": [3.8, "M3.5 6H.6L.3 3.3Q.9 3.8 1.9 3.8Q3.8 3.8 3.8 1.9Q3.8 0 1.8 0Q.4 0 0 1.1"],
  "6": [3.8, "M3.3 5.4Q2.8 6 2 6Q0 6 0 3.5V1.9Q0 0 1.9 0Q3.8 0 3.8 1.8Q3.8 3.6 1.9 3.6Q.3 3.6 0 2"],
  "7": [3.8, "M0 6H3.8L1.4 0"],
  "8": [
    3.8,
    "M1.9 3.2Q.2 3.2 .2 4.6Q.2 6 1.9 6Q3.6 6 3.6 4.6Q3.6 3.2 1.9 3.2Q0 3.2 0 1.6Q0 0 1.9 0Q3.8 0 3.8 1.6Q3.8 3.2 1.9 3.2",
  ],
  "9": [3.8, "M.5 .6Q1 0 1.8 0Q3.8 0 3.8 2.5V4.1Q3.8 6 1.9 6Q0 6 0 4.2Q0 2.4 1.9 2.4Q3.5 2.4 3.8 4"],
  ":": [0, `M0 3.4${"V3.45"}M0 0${DOT}`],
  ";": [0.5, "M.5 3.4V3.45M.5 .2L.5 0L0 -1.2"],
  "<": [3, "M3 4.8L0 2.8L3 .8"],
  "=": [3.4, "M0 3.7H3.4M0 1.8H3.4"],
  ">": [3, "M0 4.8L3 2.8L0 .8"],
  "?": [3, "M0 4.8Q.2 6 1.5 6Q3 6 3 4.6Q3 3.8 2.2 3.2Q1.4 2.6 1.4 1.8M1.4 0V.05"],
  "@": [
    5.4,
    "M3.8 3.6Q3.6 4.2 2.8 4.2Q1.5 4.2 1.5 2.8Q1.5 1.4 2.8 1.4Q3.8 1.4 3.8 2.6V4M3.8 2.4Q3.8 1.4 4.6 1.4Q5.4 1.5 5.4 3.2Q5.4 6 2.8 6Q0 6 0 2.7Q0 -.6 2.8 -.6Q3.8 -.6 4.4 -.3",
  ],
  A: [4.4, "M0 0L2.2 6L4.4 0M.75 2H3.65"],
  B: [3.9, "M0 0V6H2.2Q3.6 6 3.6 4.6Q3.6 3.2 2.2 3.2H0M2.2 3.2Q3.9 3.2 3.9 1.6Q3.9 0 2.2 0H0"],
  C: [3.9, "M3.9 4.6Q3.6 6 2 6Q0 6 0 4.2V1.8Q0 0 2 0Q3.6 0 3.9 1.4"],
  D: [4, "M0 0V6H1.7Q4 6 4 3.9V2.1Q4 0 1.7 0H0"],
  E: [3.4, "M3.4 6H0V0H3.4M0 3.2H2.9"],
  F: [3.3, "M3.3 6H0V0M0 3.2H2.8"],
  G: [4, "M3.9 4.7Q3.6 6 2 6Q0 6 0 4.2V1.8Q0 0 2 0Q4 0 4 1.8V2.9H2.2"],
  H: [4, "M0 0V6M4 0V6M0 3.2H4"],
  I: [0, "M0 0V6"],
  J: [2.8, "M2.8 6V1.6Q2.8 0 1.4 0Q0 0 0 1.4"],
  K: [4, "M0 0V6M3.8 6L0 2.2M1.5 3.7L4 0"],
  L: [3.2, "M0 6V0H3.2"],
  M: [4.8, "M0 0V6L2.4 2.2L4.8 6V0"],
  N: [4, "M0 0V6L4 0V6"],
  O: [4.2, RING],
  P: [3.8, "M0 0V6H2.2Q3.8 6 3.8 4.4Q3.8 2.8 2.2 2.8H0"],
  Q: [4.4, `${RING}M2.6 1.6L4.4 -.6`],
  R: [3.9, "M0 0V6H2.2Q3.8 6 3.8 4.4Q3.8 2.8 2.2 2.8H0M2.1 2.8L3.9 0"],
  S: [3.8, "M3.6 4.9Q3.2 6 1.9 6Q.2 6 .2 4.5Q.2 3.3 1.9 3.05Q3.8 2.75 3.8 1.5Q3.8 0 1.9 0Q.4 0 0 1.2"],
  T: [4, "M0 6H4M2 6V0"],
  U: [4, "M0 6V1.9Q0 0 2 0Q4 0 4 1.9V6"],
  V: [4.4, "M0 6L2.2 0L4.4 6"],
  W: [6, "M0 6L1.5 0L3 5L4.5 0L6 6"],
  X: [4, "M0 0L4 6M0 6L4 0"],
  Y: [4, "M0 6L2 2.9L4 6M2 2.9V0"],
  Z: [3.8, "M0 6H3.8L0 0H3.8"],
  "[": [1.3, "M1.3 6.5H0V-1H1.3"],
  "\\": [2.6, "M0 6.4L2.6 -.6"],
  "]": [1.3, "M0 6.5H1.3V-1H0"],
  "^": [3, "M0 3.8L1.5 6L3 3.8"],
  _: [3.6, "M0 -1H3.6"],
  "`": [1, "M0 6.2L1 5"],
  a: [3.2, "M.3 3.4Q.7 4 1.7 4Q3.2 4 3.2 2.6V0M3.2 2.3H1.5Q0 2.3 0 1.15Q0 0 1.4 0Q3 0 3.2 1.3"],
  b: [3.4, `M0 6V0${BOWL_B}`],
  c: [3, "M3 3.2Q2.7 4 1.6 4Q0 4 0 2.4V1.6Q0 0 1.6 0Q2.7 0 3 .8"],
  d: [3.4, `M3.4 6V0${BOWL_D}`],
  e: [3.4, "M0 2.1H3.4V2.4Q3.4 4 1.7 4Q0 4 0 2.4V1.6Q0 0 1.75 0Q2.8 0 3.2 .7"],
  f: [2.2, "M2.3 6Q.8 6.1 .8 4.6V0M0 4H2.1"],
  g: [3.4, `${BOWL_D}M3.4 4V-.4Q3.4 -2 1.7 -2Q.7 -2 .2 -1.5`],
  h: [3.2, "M0 6V0M0 2.5Q.1 4 1.7 4Q3.2 4 3.2 2.4V0"],
  i: [0, "M0 4V0M0 5.7V5.75"],
  j: [1, "M1 4V-.7Q1 -2 0 -2M1 5.7V5.75"],
  k: [3.1, "M0 6V0M2.9 4L0 1.4M1.1 2.4L3.1 0"],
  l: [0.9, "M0 6V1Q0 0 .9 0"],
  m: [5.2, "M0 4V0M0 2.6Q.1 4 1.4 4Q2.6 4 2.6 2.6V0M2.6 2.6Q2.7 4 4 4Q5.2 4 5.2 2.6V0"],
  n: [3.2, "M0 4V0M0 2.5Q.1 4 1.7 4Q3.2 4 3.2 2.4V0"],
  o: [3.4, "M1.7 4Q3.4 4 3.4 2.4V1.6Q3.4 0 1.7 0Q0 0 0 1.6V2.4Q0 4 1.7 4"],
  p: [3.4, `M0 4V-2${BOWL_B}`],
  q: [3.4, `M3.4 4V-2${BOWL_D}`],
  r: [2, "M0 4V0M0 2.4Q.2 4 2 3.9"],
  s: [2.8, "M2.7 3.3Q2.4 4 1.4 4Q.1 4 .1 3Q.1 2.2 1.4 2.05Q2.8 1.9 2.8 1Q2.8 0 1.4 0Q.3 0 0 .8"],
  t: [2.1, "M.8 5.4V1.2Q.8 0 2.1 .05M0 4H2.1"],
  u: [3.2, "M0 4V1.6Q0 0 1.6 0Q3.1 0 3.2 1.5M3.2 4V0"],
  v: [3.4, "M0 4L1.7 0L3.4 4"],
  w: [4.8, "M0 4L1.2 0L2.4 3.4L3.6 0L4.8 4"],
  x: [3.2, "M0 0L3.2 4M0 4L3.2 0"],
  y: [3.4, "M0 4L1.7 0M3.4 4L1.4 -1Q1 -2 0 -2"],
  z: [3, "M0 4H3L0 0H3"],
  "{": [1.6, "M1.6 6.5Q.8 6.5 .8 5.6V3.8Q.8 2.8 0 2.8Q.8 2.8 .8 1.8V-.1Q.8 -1 1.6 -1"],
  "|": [0, "M0 6.6V-1.2"],
  "}": [1.6, "M0 6.5Q.8 6.5 .8 5.6V3.8Q.8 2.8 1.6 2.8Q.8 2.8 .8 1.8V-.1Q.8 -1 0 -1"],
  "~": [3.4, "M0 2.3Q.1 3.4 .9 3.4Q1.4 3.4 1.8 2.8Q2.2 2.2 2.6 2.2Q3.3 2.2 3.4 3.3"],
  "°": [1.8, "M.9 6.2Q1.8 6.2 1.8 5.3Q1.8 4.4 .9 4.4Q0 4.4 0 5.3Q0 6.2 .9 6.2"],
  "±": [3.6, "M1.8 5.4V2.2M0 3.8H3.6M0 .6H3.6"],
  "²": [2, "M0 5.6Q.1 6.3 1 6.3Q1.9 6.3 1.9 5.6Q1.9 5.1 1.4 4.6L0 3.4H2"],
  "³": [2, "M.1 6.2H1.8L.9 5.1Q2 5.1 2 4.2Q2 3.3 1 3.3Q.2 3.3 0 3.8"],
  "·": [0, "M0 2.8V2.85"],
  µ: [3.2, "M0 4V-2M0 1.4Q0 0 1.6 0Q3.1 0 3.2 1.5M3.2 4V0"],
  "×": [3, "M0 4.3L3 1.3M0 1.3L3 4.3"],
  α: [3.6, "M3.4 4L2.8 1.6Q2.2 0 1.4 0Q0 0 0 2Q0 4 1.4 4Q2.3 4 2.9 1.4Q3.1 0 3.6 0"],
  β: [3.4, "M0 -2V4.4Q0 6 1.6 6Q3 6 3 4.7Q3 3.4 1.5 3.3Q3.4 3.2 3.4 1.6Q3.4 0 1.7 0Q.2 0 0 1"],
  δ: [3.4, "M1.6 4Q0 3.8 0 2V1.6Q0 0 1.7 0Q3.4 0 3.4 1.7Q3.4 3.3 2.2 3.9Q.6 4.7 .6 5.2Q.7 6 1.7 6Q2.5 6 2.8 5.6"],
  Δ: [4.4, "M0 0L2.2 6L4.4 0H0"],
  σ: [3.8, "M3.8 4H1.7Q0 4 0 2.2V1.6Q0 0 1.7 0Q3.4 0 3.4 1.7Q3.4 3.2 2.4 3.9"],
  "–": [2.8, "M0 2.6H2.8"],
  "—": [4.4, "M0 2.6H4.4"],
  "−": [3.6, "M0 2.8H3.6"],
  "…": [3.2, "M0 0V.05M1.6 0V.05M3.2 0V.05"],
  "≈": [
    3.4,
    "M0 3.3Q.1 4.3 .9 4.3Q1.4 4.3 1.8 3.8Q2.2 3.3 2.6 3.3Q3.3 3.3 3.4 4.2M0 1.4Q.1 2.4 .9 2.4Q1.4 2.4 1.8 1.9Q2.2 1.4 2.6 1.4Q3.3 1.4 3.4 2.3",
  ],
  "≤": [3, "M3 5.4L0 3.6L3 1.8M0 .4H3"],
  "≥": [3, "M0 5.4L3 3.6L0 1.8M0 .4H3"],
  "∞": [5, "M2.5 2.6Q1.8 4 1.1 4Q0 4 0 2.6Q0 1.2 1.1 1.2Q1.8 1.2 2.5 2.6Q3.2 4 3.9 4Q5 4 5 2.6Q5 1.2 3.9 1.2Q3.2 1.2 2.5 2.6"],
};

const UNKNOWN: Glyph = [3.4, "M0 0H3.4V6H0V0"];
const SAME: Readonly<Record<string, string>> = {
  "\u00a0": " ",
  "\u2010": "-",
  "\u2011": "-",
  "\u202f": " ",
  "‘": "'",
  "’": "'",
  "“": '"',
  "”": '"',
  "\u03bc": "µ",
};

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
