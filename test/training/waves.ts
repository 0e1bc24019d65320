import type { WeightTensor } from "../../src/model/weightTensor.js";
import type { Numbers } from "../model/runGraph.js";

/** The same numbers in any language: sin(step · i²), rounded to float32. */
export const wave = (step: number, ...dims: readonly number[]): Numbers => ({
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(step * i * i)),
});

/** Euclidean norm. */
export function lengthOf(numbers: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i]! ** 2;
  return Math.sqrt(sum);
}

/** Euclidean norm of the difference; NaN for lists of different lengths. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return a.length === b.length ? lengthOf(Array.from(a, (v, i) => v - b[i]!)) : Number.NaN;
}

/** The generator's weights for shapes in PyTorch's order, of the size that keeps values near 1. */
export const formulaWeights = (shapes: readonly (readonly [string, readonly number[]])[]): ReadonlyMap<string, WeightTensor> =>
  new Map(
    shapes.map(([name, shape], k) => {
      const fanIn = shape.length > 1 ? shape.slice(1).reduce((a, b) => a * b, 1) : 10;
      const data = wave(0.7 + 0.1 * k, ...shape).data.map((v) => v * (2 / fanIn) ** 0.5);
      return [name, { dtype: "float32", shape, data: name === "head.bias" ? data.fill(1) : data }];
    }),
  );
