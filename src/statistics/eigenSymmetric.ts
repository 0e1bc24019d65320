/**
 * Eigenvalues, falling, and unit eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, algorithm 8.5.3): slow beyond a
 * few hundred rows, but accurate and short.
 */
export function eigenSymmetric(matrix: readonly Float64Array[]): {
  readonly values: Float64Array;
  readonly vectors: readonly Float64Array[];
} {
  const n = matrix.length;
  const a = matrix.map((row) => Float64Array.from(row));
  // Row i of v is the i-th vector.
  const v = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (__, j) => (i === j ? 1 : 0)));
  const norm = Math.sqrt(a.reduce((sum, row) => row.reduce((s, x) => s + x * x, sum), 0));
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off = Math.max(off, Math.abs(a[p]![q]!));
    if (off <= 1e-16 * norm) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) if (a[p]![q] !== 0) rotate(a, v, p, q);
  }
  const order = [...a.keys()].sort((i, j) => a[j]![j]! - a[i]![i]!);
  return { values: Float64Array.from(order, (i) => a[i]![i]!), vectors: order.map((i) => v[i]!) };
}

/** The rotation of rows and columns p and q that makes a[p][q] zero. */
function rotate(a: readonly Float64Array[], v: readonly Float64Array[], p: number, q: number): void {
  const [ap, aq] = [a[p]!, a[q]!];
  const tau = (aq[q]! - ap[p]!) / (2 * ap[q]!);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
  const c = 1 / Math.hypot(1, t);
  const s = t * c;
  for (const row of a) {
    const [x, y] = [row[p]!, row[q]!];
    row[p] = c * x - s * y;
    row[q] = s * x + c * y;
  }
  turn(ap, aq, c, s);
  turn(v[p]!, v[q]!, c, s);
}

function turn(p: Float64Array, q: Float64Array, c: number, s: number): void {
  for (let i = 0; i < p.length; i++) {
    const [x, y] = [p[i]!, q[i]!];
    p[i] = c * x - s * y;
    q[i] = s * x + c * y;
  }
}
