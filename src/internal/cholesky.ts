/**
 * The lower triangular L with L Lᵀ = A, of a symmetric positive definite A of n × n, row by row.
 *
 * @param matrix A; only what is on and below the diagonal is read
 * @returns L; what is above its diagonal has no meaning
 */
export function choleskyFactor(matrix: Float64Array, n: number): Float64Array {
  const factor = matrix.slice();
  for (let a = 0; a < n; a++)
    for (let b = 0; b <= a; b++) {
      let sum = factor[a * n + b]!;
      for (let m = 0; m < b; m++) sum -= factor[a * n + m]! * factor[b * n + m]!;
      factor[a * n + b] = a === b ? Math.sqrt(sum) : sum / factor[b * n + b]!;
    }
  return factor;
}

/** The x of L Lᵀ x = b. */
export function choleskySolve(factor: Float64Array, right: Float64Array): Float64Array {
  const x = right.slice();
  const n = x.length;
  for (let a = 0; a < n; a++) {
    for (let m = 0; m < a; m++) x[a]! -= factor[a * n + m]! * x[m]!;
    x[a]! /= factor[a * n + a]!;
  }
  for (let a = n - 1; a >= 0; a--) {
    for (let m = a + 1; m < n; m++) x[a]! -= factor[m * n + a]! * x[m]!;
    x[a]! /= factor[a * n + a]!;
  }
  return x;
}
