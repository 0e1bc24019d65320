import { GadoliniteError } from "../core/errors.js";
import { checkPositive, checkPositiveInteger } from "../internal/check.js";
import { createRandom } from "../internal/random.js";
import { checkRows } from "./pca.js";

export interface TsneOptions {
  /** Seed of the random start, an integer of 0 … 2⁵³ − 1. Required, so that a picture can be repeated. */
  readonly seed: number;
  /** Effective number of neighbours of each case, at least 1 and below a third of the cases. Default 30. */
  readonly perplexity?: number;
  /** Steps of gradient descent. Default 1000. */
  readonly iterations?: number;
  /** Step length; default n / 48, at least 50 (Belkina et al. 2019, as scikit-learn). */
  readonly learningRate?: number;
}

export interface TsneResult {
  /** One point [x, y] a case. */
  readonly points: readonly (readonly [number, number])[];
  /** Kullback–Leibler divergence that is left; compare runs of several seeds by it. */
  readonly divergence: number;
}

// Van der Maaten 2008 and 2014: attraction is exaggerated at first, and momentum grows after that.
const EXAGGERATION = 12;
const EXAGGERATED = 250;

/**
 * Exact t-distributed stochastic neighbour embedding into the plane: neighbours stay neighbours, distances mean little.
 *
 * Every pair of cases is visited in every step: 1000 cases take seconds, 10,000 are too many.
 *
 * @param rows one list of features a case, four cases or more; finite, of one length. Scale features of different units first
 * @throws `out-of-range` if there are fewer than four cases, rows differ in length, a number is NaN or infinite, the perplexity doesn't suit the number of
 *   cases, or the seed, a count or the learning rate is out of range
 * @see Van der Maaten and Hinton 2008, J Mach Learn Res 9:2579
 * @example
 * const { points } = tsne(embeddings, { seed: 1, perplexity: 30 });
 */
export function tsne(
  rows: readonly ArrayLike<number>[],
  { seed, perplexity = 30, iterations = 1000, learningRate = Math.max(50, rows.length / 48) }: TsneOptions,
): TsneResult {
  checkRows(rows, 4);
  const n = rows.length;
  if (!(perplexity >= 1 && 3 * perplexity < n))
    throw new GadoliniteError(
      "out-of-range",
      `perplexity must be 1 or more and below a third of the ${n} cases, but is ${perplexity}.`,
    );
  checkPositiveInteger("iterations", iterations);
  checkPositive("learningRate", learningRate);
  const random = createRandom(seed);
  const p = jointProbabilities(squaredDistances(rows), n, perplexity);
  const y = Float64Array.from({ length: 2 * n }, () => random.normal(0, 1e-4));
  const velocity = new Float64Array(2 * n);
  const gains = new Float64Array(2 * n).fill(1);
  const gradient = new Float64Array(2 * n);
  const kernel = new Float64Array(n * n);
  for (let step = 0; step < iterations; step++) {
    const early = step < EXAGGERATED;
    gradientOf(p, y, kernel, gradient, early ? EXAGGERATION : 1);
    const momentum = early ? 0.5 : 0.8;
    for (let i = 0; i < y.length; i++) {
      // Longer steps while the direction holds, shorter ones when it turns (Jacobs 1988).
      gains[i] = Math.max(0.01, gradient[i]! * velocity[i]! < 0 ? gains[i]! + 0.2 : gains[i]! * 0.8);
      velocity[i] = momentum * velocity[i]! - learningRate * gains[i]! * gradient[i]!;
      y[i]! += velocity[i]!;
    }
    centre(y);
  }
  return {
    points: Array.from({ length: n }, (_, i) => [y[2 * i]!, y[2 * i + 1]!] as const),
    divergence: divergenceOf(p, y, kernel),
  };
}

function squaredDistances(rows: readonly ArrayLike<number>[]): Float64Array {
  const n = rows.length;
  const squared = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let f = 0; f < rows[i]!.length; f++) sum += (rows[i]![f]! - rows[j]![f]!) ** 2;
      squared[i * n + j] = sum;
      squared[j * n + i] = sum;
    }
  return squared;
}

/** Each case's Gaussian is as wide as makes its entropy ln(perplexity); then both directions are averaged. */
function jointProbabilities(squared: Float64Array, n: number, perplexity: number): Float64Array {
  const p = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const own = squared.subarray(i * n, (i + 1) * n);
    const nearest = own.reduce((least, d, j) => (j === i ? least : Math.min(least, d)), Infinity);
    const row = p.subarray(i * n, (i + 1) * n);
    let [low, high, beta] = [0, Infinity, 1 / (own.reduce((sum, d) => sum + d, 0) / n || 1)];
    for (let step = 0; step < 100; step++) {
      let [sum, moment] = [0, 0];
      for (let j = 0; j < n; j++) {
        row[j] = j === i ? 0 : Math.exp(-beta * (own[j]! - nearest));
        sum += row[j]!;
        moment += row[j]! * (own[j]! - nearest);
      }
      for (let j = 0; j < n; j++) row[j]! /= sum;
      const entropy = Math.log(sum) + (beta * moment) / sum;
      if (Math.abs(entropy - Math.log(perplexity)) < 1e-8) break;
      if (entropy > Math.log(perplexity)) low = beta;
      else high = beta;
      beta = high === Infinity ? 2 * beta : (low + high) / 2;
    }
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const both = Math.max((p[i * n + j]! + p[j * n + i]!) / (2 * n), 1e-300);
      p[i * n + j] = both;
      p[j * n + i] = both;
    }
  return p;
}

/** Fills the kernel 1 / (1 + distance²) of all pairs and returns its sum. */
function fillKernel(y: Float64Array, kernel: Float64Array): number {
  const n = y.length / 2;
  let sum = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const dx = y[2 * i]! - y[2 * j]!;
      const dy = y[2 * i + 1]! - y[2 * j + 1]!;
      const q = 1 / (1 + dx * dx + dy * dy);
      kernel[i * n + j] = q;
      sum += 2 * q;
    }
  return sum;
}

function gradientOf(p: Float64Array, y: Float64Array, kernel: Float64Array, gradient: Float64Array, exaggeration: number): void {
  const n = y.length / 2;
  const sum = fillKernel(y, kernel);
  gradient.fill(0);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const q = kernel[i * n + j]!;
      const force = 4 * (exaggeration * p[i * n + j]! - q / sum) * q;
      const fx = force * (y[2 * i]! - y[2 * j]!);
      const fy = force * (y[2 * i + 1]! - y[2 * j + 1]!);
      gradient[2 * i]! += fx;
      gradient[2 * i + 1]! += fy;
      gradient[2 * j]! -= fx;
      gradient[2 * j + 1]! -= fy;
    }
}

function centre(y: Float64Array): void {
  let [x0, y0] = [0, 0];
  for (let i = 0; i < y.length; i += 2) {
    x0 += y[i]!;
    y0 += y[i + 1]!;
  }
  for (let i = 0; i < y.length; i += 2) {
    y[i]! -= (2 * x0) / y.length;
    y[i + 1]! -= (2 * y0) / y.length;
  }
}

function divergenceOf(p: Float64Array, y: Float64Array, kernel: Float64Array): number {
  const n = y.length / 2;
  const sum = fillKernel(y, kernel);
  let divergence = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) divergence += 2 * p[i * n + j]! * Math.log((p[i * n + j]! * sum) / kernel[i * n + j]!);
  return divergence;
}
