// Cubic B-spline interpolation along one axis: a recursive filter turns values into coefficients, four of which, weighted,
// make the value at any point (Unser, Aldroubi & Eden 1993, IEEE Trans Signal Process 41:821-833 and 834-848). Beyond both
// ends the values are mirrored about the outermost one (… 2 1 0 1 2 …).

/** Which coefficients make the values along an axis: four indices and four weights for each of them. */
export interface Taps {
  readonly count: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** Taps at the points `offset + scale · t`, t = first … first + count − 1, of an axis of n coefficients; points are kept within 0 … n − 1. */
export function tapsAt(n: number, scale: number, offset: number, first: number, count: number): Taps {
  const indices = new Int32Array(4 * count);
  const weights = new Float64Array(4 * count);
  for (let t = 0; t < count; t++) {
    const point = Math.max(0, Math.min(offset + scale * (first + t), n - 1));
    const base = Math.floor(point);
    const u = point - base;
    for (let tap = 0; tap < 4; tap++) indices[4 * t + tap] = mirrored(base - 1 + tap, n);
    weights.set(cubicWeights(u), 4 * t);
  }
  return { count, indices, weights };
}

const cubicWeights = (u: number) => [
  (1 - u) ** 3 / 6,
  2 / 3 - u * u * (1 - u / 2),
  2 / 3 - ((1 - u) ** 2 * (1 + u)) / 2,
  u ** 3 / 6,
];

/** Taps that give the coefficients themselves, and mirrored ones: one before the first and two after the last. */
export function tapsOfCoefficients(n: number): Taps {
  const count = n + 3;
  const indices = new Int32Array(4 * count);
  const weights = new Float64Array(4 * count);
  for (let t = 0; t < count; t++) {
    indices.fill(mirrored(t - 1, n), 4 * t, 4 * t + 4);
    weights[4 * t] = 1;
  }
  return { count, indices, weights };
}

/** The index of 0 … n − 1 that an index of −n … 2n mirrors. */
function mirrored(index: number, n: number): number {
  if (n === 1) return 0;
  const period = 2 * (n - 1);
  const folded = ((index % period) + period) % period;
  return folded < n ? folded : period - folded;
}

// This many lines are filtered side by side: their recursions are independent of each other, and memory is read in order.
const STRIP = 64;

/**
 * Replaces the n values along one axis by the values that the taps make of their coefficients.
 *
 * @param data lines along the axis: value x of line (a, b) is `data[a + inner · (x + n · b)]`
 */
export function splineAxis(data: Float32Array, inner: number, n: number, taps: Taps): Float32Array {
  const lines = data.length / n;
  const out = new Float32Array(taps.count * lines);
  const strip = new Float64Array(STRIP * n);
  const from = new Int32Array(STRIP);
  const to = new Int32Array(STRIP);
  for (let line = 0; line < lines; line += STRIP) {
    const width = Math.min(STRIP, lines - line);
    for (let l = 0; l < width; l++) {
      const a = (line + l) % inner;
      const b = (line + l - a) / inner;
      from[l] = a + inner * n * b;
      to[l] = a + inner * taps.count * b;
    }
    for (let x = 0; x < n; x++) gather(strip, x * width, width, data, from, x * inner);
    toCoefficients(strip, width, n);
    for (let t = 0; t < taps.count; t++) blend(out, to, t * inner, strip, width, taps, t);
  }
  return out;
}

function gather(strip: Float64Array, at: number, width: number, data: Float32Array, from: Int32Array, shift: number): void {
  for (let l = 0; l < width; l++) strip[at + l] = data[from[l]! + shift]!;
}

function blend(
  out: Float32Array,
  to: Int32Array,
  shift: number,
  strip: Float64Array,
  width: number,
  { indices, weights }: Taps,
  t: number,
): void {
  const p = indices[4 * t]! * width;
  const q = indices[4 * t + 1]! * width;
  const r = indices[4 * t + 2]! * width;
  const s = indices[4 * t + 3]! * width;
  const a = weights[4 * t]!;
  const b = weights[4 * t + 1]!;
  const c = weights[4 * t + 2]!;
  const d = weights[4 * t + 3]!;
  for (let l = 0; l < width; l++)
    out[to[l]! + shift] = a * strip[p + l]! + b * strip[q + l]! + c * strip[r + l]! + d * strip[s + l]!;
}

const POLE = Math.sqrt(3) - 2;
const GAIN = 6;
// POLE to this power is lost in the rounding of float32.
const HORIZON = 20;

/** Values to coefficients along the columns of an n × width strip, in place: one causal and one anticausal recursion. */
function toCoefficients(strip: Float64Array, width: number, n: number): void {
  if (n === 1) return;
  const last = (n - 1) * width;
  startCausal(strip, width, n);
  for (let v = width; v < last + width; v++) strip[v] = GAIN * strip[v]! + POLE * strip[v - width]!;
  for (let v = last; v < last + width; v++) strip[v] = (POLE / (POLE * POLE - 1)) * (strip[v]! + POLE * strip[v - width]!);
  for (let v = last - 1; v >= 0; v--) strip[v] = POLE * (strip[v + width]! - strip[v]!);
}

/** First row of the causal recursion: the sum over the mirrored line that comes before, Σ POLE^m · value(m), times the gain. */
function startCausal(strip: Float64Array, width: number, n: number): void {
  const period = 2 * (n - 1);
  const terms = Math.min(period, HORIZON);
  let power = POLE;
  for (let m = 1; m < terms; m++, power *= POLE) {
    const row = (m < n ? m : period - m) * width;
    for (let l = 0; l < width; l++) strip[l]! += power * strip[row + l]!;
  }
  // A short line is mirrored again and again; a geometric series sums its rounds.
  const rounds = terms === period ? 1 / (1 - power) : 1;
  for (let l = 0; l < width; l++) strip[l]! *= GAIN * rounds;
}
