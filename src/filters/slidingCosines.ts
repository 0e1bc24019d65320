import type { LineFilter } from "./lines.js";

/**
 * Convolution with a smooth symmetric kernel at a cost that doesn't grow with its radius R.
 *
 * On −R … R the kernel is written as a sum of a few cosines, g(m) ≈ Σ aₖ·cos(φₖm), φ₀ = 0. The windowed sum of each,
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
export function slidingCosines(half: Float64Array, tolerance = 1e-4): LineFilter {
  const radius = half.length - 1;
  const { waves } = fitCosines(half, tolerance);
  const triples: Triple[] = [];
  for (let k = 0; k < waves.length; k += 3) triples.push(tripleOf(waves.slice(k, k + 3), radius));
  return {
    pad: radius + 1,
    apply(line, out, count) {
      out.fill(0);
      for (const triple of triples) slideTriple(line, out, count, radius, triple);
    },
  };
}

/** amplitude · cos(phi·m); the constant term is the wave of phi 0. */
interface Wave {
  readonly phi: number;
  readonly amplitude: number;
}

interface Fit {
  readonly waves: readonly Wave[];
  readonly error: number;
}

/** The fewest waves, in threes, that come within the tolerance; one more than the radius are always enough. */
export function fitCosines(half: Float64Array, tolerance: number): Fit {
  let best: Fit = { waves: [], error: Infinity };
  for (let count = 3; best.error > tolerance && best.waves.length < half.length; count += 3)
    for (let stretch = 1; stretch < 1.7; stretch += 0.05) {
      const fit = leastSquares(half, Math.min(count, half.length), (half.length - 0.5) * stretch);
      if (fit.error < best.error) best = fit;
    }
  return best;
}

/** Fits Σ aₖ·cos(πkm/P) to the whole kernel, and scales the sum of its weights to exactly that of the kernel. */
function leastSquares(half: Float64Array, count: number, period: number): Fit {
  const basis = (k: number, m: number) => Math.cos((Math.PI * k * m) / period);
  const matrix = Array.from({ length: count }, () => new Float64Array(count + 1));
  for (let m = 0; m < half.length; m++) {
    const weight = m === 0 ? 1 : 2;
    const row = Float64Array.from({ length: count }, (_, k) => basis(k, m));
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) matrix[a]![b]! += weight * row[a]! * row[b]!;
      matrix[a]![count]! += weight * row[a]! * half[m]!;
    }
  }
  const raw = solve(matrix);
  const fitted = half.map((_, m) => raw.reduce((sum, a, k) => sum + a * basis(k, m), 0));
  const scale = wholeSum(half) / wholeSum(fitted);
  const error = wholeSum(half.map((w, m) => Math.abs(scale * fitted[m]! - w)));
  return { waves: Array.from(raw, (a, k) => ({ phi: (Math.PI * k) / period, amplitude: scale * a })), error };
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

/** Three waves run side by side, for their recursions don't wait for each other; a missing one has amplitude 0. */
interface Triple {
  /** 2cos φ of each, and the weights of the window's outer and inner ends. */
  readonly turn: readonly [number, number, number];
  readonly outer: readonly [number, number, number];
  readonly inner: readonly [number, number, number];
  /** Their weights at distance 0 … R, taking turns. */
  readonly weights: Float64Array;
}

function tripleOf(waves: readonly Wave[], radius: number): Triple {
  const each = (value: (wave: Wave) => number): [number, number, number] =>
    [0, 1, 2].map((k) => value(waves[k] ?? NONE)) as never;
  const at = (m: number) => each(({ phi, amplitude }) => amplitude * Math.cos(phi * m));
  return {
    turn: each(({ phi }) => 2 * Math.cos(phi)),
    outer: at(radius),
    inner: at(radius + 1),
    weights: Float64Array.from(Array.from({ length: radius + 1 }, (_, m) => at(m)).flat()),
  };
}

const NONE: Wave = { phi: 0, amplitude: 0 };

/** Adds the results of three waves to `out`. */
function slideTriple(line: Float64Array, out: Float64Array, count: number, radius: number, triple: Triple): void {
  const [c1, c2, c3] = triple.turn;
  const [u1, u2, u3] = triple.outer;
  const [v1, v2, v3] = triple.inner;
  // T(−1) and T(0) of each.
  let [p1, p2, p3] = windowSums(triple.weights, line, radius);
  let [q1, q2, q3] = windowSums(triple.weights, line, radius + 1);
  const span = 2 * radius;
  // Two steps a turn, p and q changing places; what is waited for longest, c·q, comes last.
  for (let i = 0; i < count; i += 2) {
    const leaving = line[i + 1]!;
    const entering = line[i + span + 2]!;
    let a = line[i]! + entering;
    let b = leaving + line[i + span + 1]!;
    out[i]! += q1 + q2 + q3;
    p1 = c1 * q1 + (u1 * a - v1 * b - p1);
    p2 = c2 * q2 + (u2 * a - v2 * b - p2);
    p3 = c3 * q3 + (u3 * a - v3 * b - p3);
    a = leaving + line[i + span + 3]!;
    b = line[i + 2]! + entering;
    out[i + 1]! += p1 + p2 + p3;
    q1 = c1 * p1 + (u1 * a - v1 * b - q1);
    q2 = c2 * p2 + (u2 * a - v2 * b - q2);
    q3 = c3 * p3 + (u3 * a - v3 * b - q3);
  }
}

/** The windowed sums of three waves about one place. */
function windowSums(weights: Float64Array, line: Float64Array, centre: number): [number, number, number] {
  const middle = line[centre]!;
  let s1 = weights[0]! * middle;
  let s2 = weights[1]! * middle;
  let s3 = weights[2]! * middle;
  for (let m = 3, l = centre - 1, r = centre + 1; m < weights.length; m += 3, l--, r++) {
    const both = line[l]! + line[r]!;
    s1 += weights[m]! * both;
    s2 += weights[m + 1]! * both;
    s3 += weights[m + 2]! * both;
  }
  return [s1, s2, s3];
}
