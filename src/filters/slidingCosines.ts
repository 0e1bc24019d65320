import type { LineFilter } from "./lines.js";

/**
 * Convolution with a smooth symmetric kernel at a cost that doesn't grow with its radius R.
 *
 * On −R … R the kernel is written as a sum of a few cosines, g(m) ≈ a₀ + Σ aₖ·cos(φₖm). The windowed sum of each,
 * Tₖ(n) = aₖ·Σ f(n + m)·cos(φₖm), slides along the line by a recursion of second order that sees only the window's ends:
 *
 *     Tₖ(n+1) = 2cos φₖ·Tₖ(n) − Tₖ(n−1) + aₖ·cos(φₖR)·[f(n+R+1) + f(n−R−1)] − aₖ·cos(φₖ(R+1))·[f(n+R) + f(n−R)]
 *
 * So the kernel ends where the given one ends, boundaries are those of plain convolution, and the error is known beforehand:
 * no result is further off than `tolerance`/2 times the range of the line.
 *
 * @param half the kernel's weights at distance 0 … R
 * @param tolerance greatest sum of |difference| of the two kernels
 * @see Sugimoto and Kamata 2013, "Fast Gaussian filter with second-order shift property of DCT-5", ICIP: the recursion for
 *   φₖ = 2πk/(2R+1). Here the φₖ are spread over a longer period, fitted, so that the kernel needn't be flat at its ends.
 */
export function slidingCosines(half: Float64Array, tolerance = 1e-5): LineFilter {
  const radius = half.length - 1;
  const { mean, waves } = fitCosines(half, tolerance);
  const triples: Triple[] = [];
  for (let k = 0; k < waves.length; k += 3) triples.push(tripleOf(waves.slice(k, k + 3), radius));
  const outer = new Float64Array(0);
  let scratch = { outer, inner: outer };
  return {
    pad: radius + 1,
    apply(line, out, count) {
      if (scratch.outer.length < count + 2) scratch = { outer: new Float64Array(count + 2), inner: new Float64Array(count + 2) };
      slideMean(line, out, scratch.outer, scratch.inner, count, radius, mean);
      for (const triple of triples) slideTriple(line, out, scratch.outer, scratch.inner, count, radius, triple);
    },
  };
}

interface Wave {
  readonly phi: number;
  readonly amplitude: number;
}

interface Fit {
  readonly mean: number;
  readonly waves: readonly Wave[];
  readonly error: number;
}

/** The fewest cosines, in threes, that come within the tolerance; as many as the radius are always enough. */
export function fitCosines(half: Float64Array, tolerance: number): Fit {
  const radius = half.length - 1;
  let best: Fit = { mean: half[0]!, waves: [], error: radius === 0 ? 0 : Infinity };
  for (let count = Math.min(3, radius); best.error > tolerance; count = Math.min(count + 3, radius)) {
    for (let stretch = 1; stretch < 1.7; stretch += 0.05) {
      const fit = leastSquares(half, count, (radius + 0.5) * stretch);
      if (fit.error < best.error) best = fit;
    }
    if (count === radius) break;
  }
  return best;
}

/** Fits a₀ + Σ aₖ·cos(πkm/P) to the whole kernel, and scales the sum of its weights to exactly that of the kernel. */
function leastSquares(half: Float64Array, count: number, period: number): Fit {
  const size = count + 1;
  const basis = (k: number, m: number) => Math.cos((Math.PI * k * m) / period);
  const matrix = Array.from({ length: size }, () => new Float64Array(size + 1));
  for (let m = 0; m < half.length; m++) {
    const weight = m === 0 ? 1 : 2;
    const row = Float64Array.from({ length: size }, (_, k) => basis(k, m));
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) matrix[a]![b]! += weight * row[a]! * row[b]!;
      matrix[a]![size]! += weight * row[a]! * half[m]!;
    }
  }
  const raw = solve(matrix);
  const fitted = half.map((_, m) => raw.reduce((sum, a, k) => sum + a * basis(k, m), 0));
  const scale = wholeSum(half) / wholeSum(fitted);
  const error = wholeSum(half.map((w, m) => Math.abs(scale * fitted[m]! - w)));
  const waves = Array.from(raw.subarray(1), (a, k) => ({ phi: (Math.PI * (k + 1)) / period, amplitude: scale * a }));
  return { mean: scale * raw[0]!, waves, error };
}

const wholeSum = (half: Float64Array): number => half.reduce((sum, w, m) => sum + (m === 0 ? w : 2 * w), 0);

/** Gaussian elimination with pivots; the last column is the right-hand side. */
function solve(rows: Float64Array[]): Float64Array {
  const size = rows.length;
  for (let c = 0; c < size; c++) {
    let pivot = c;
    for (let r = c + 1; r < size; r++) if (Math.abs(rows[r]![c]!) > Math.abs(rows[pivot]![c]!)) pivot = r;
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    for (let r = 0; r < size; r++) {
      if (r === c) continue;
      const factor = rows[r]![c]! / rows[c]![c]!;
      for (let e = c; e <= size; e++) rows[r]![e]! -= factor * rows[c]![e]!;
    }
  }
  return Float64Array.from(rows, (row, c) => row[size]! / row[c]!);
}

/** Three cosines run side by side, for their recursions don't wait for each other; a missing one has amplitude 0. */
interface Triple {
  /** 2cos φ, the weights of the window's outer and inner ends, and the weights at distance 0 … R, of each. */
  readonly turn: readonly number[];
  readonly outer: readonly number[];
  readonly inner: readonly number[];
  readonly tables: readonly Float64Array[];
}

function tripleOf(waves: readonly Wave[], radius: number): Triple {
  const three = [0, 1, 2].map((k) => waves[k] ?? { phi: 0, amplitude: 0 });
  return {
    turn: three.map(({ phi }) => 2 * Math.cos(phi)),
    outer: three.map(({ phi, amplitude }) => amplitude * Math.cos(phi * radius)),
    inner: three.map(({ phi, amplitude }) => amplitude * Math.cos(phi * (radius + 1))),
    tables: three.map(({ phi, amplitude }) => Float64Array.from({ length: radius + 1 }, (_, m) => amplitude * Math.cos(phi * m))),
  };
}

/** The constant term, a running sum; on the way it writes down the sums of the window's outer and inner ends. */
function slideMean(
  line: Float64Array,
  out: Float64Array,
  outer: Float64Array,
  inner: Float64Array,
  count: number,
  radius: number,
  mean: number,
): void {
  let sum = 0;
  for (let n = 1; n <= 2 * radius + 1; n++) sum += line[n]!;
  const span = 2 * radius;
  for (let i = 0; i < count; i++) {
    const leaving = line[i + 1]!;
    const entering = line[i + span + 2]!;
    out[i] = mean * sum;
    sum += entering - leaving;
    outer[i] = line[i]! + entering;
    inner[i] = leaving + line[i + span + 1]!;
  }
}

function slideTriple(
  line: Float64Array,
  out: Float64Array,
  outer: Float64Array,
  inner: Float64Array,
  count: number,
  radius: number,
  { turn, outer: outerWeights, inner: innerWeights, tables }: Triple,
): void {
  const [c1, c2, c3] = turn as [number, number, number];
  const [u1, u2, u3] = outerWeights as [number, number, number];
  const [v1, v2, v3] = innerWeights as [number, number, number];
  // T(−1) and T(0) of each.
  let p1 = windowSum(tables[0]!, line, radius);
  let p2 = windowSum(tables[1]!, line, radius);
  let p3 = windowSum(tables[2]!, line, radius);
  let q1 = windowSum(tables[0]!, line, radius + 1);
  let q2 = windowSum(tables[1]!, line, radius + 1);
  let q3 = windowSum(tables[2]!, line, radius + 1);
  // Two steps a turn, p and q changing places; what waits longest, c·q, comes last.
  for (let i = 0; i < count; i += 2) {
    let a = outer[i]!;
    let b = inner[i]!;
    out[i]! += q1 + q2 + q3;
    p1 = c1 * q1 + (u1 * a - v1 * b - p1);
    p2 = c2 * q2 + (u2 * a - v2 * b - p2);
    p3 = c3 * q3 + (u3 * a - v3 * b - p3);
    a = outer[i + 1]!;
    b = inner[i + 1]!;
    out[i + 1]! += p1 + p2 + p3;
    q1 = c1 * p1 + (u1 * a - v1 * b - q1);
    q2 = c2 * p2 + (u2 * a - v2 * b - q2);
    q3 = c3 * p3 + (u3 * a - v3 * b - q3);
  }
}

function windowSum(table: Float64Array, line: Float64Array, centre: number): number {
  let sum = table[0]! * line[centre]!;
  for (let m = 1; m < table.length; m++) sum += table[m]! * (line[centre - m]! + line[centre + m]!);
  return sum;
}
