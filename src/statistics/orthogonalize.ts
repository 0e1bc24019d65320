/**
 * Turns vectors among each other, in place, until they are orthogonal; `turned` takes the same rotations. This is a singular value
 * decomposition that keeps small singular values accurate, which products of the vectors would lose.
 *
 * @returns their lengths (the singular values), falling, each with its vector's index
 * @see Hestenes 1958, J SIAM 6:51; Golub and Van Loan, section 8.6.3 (one-sided Jacobi)
 */
export function orthogonalize(
  vectors: readonly Float64Array[],
  turned: readonly Float64Array[] = [],
): readonly { readonly index: number; readonly length: number }[] {
  for (let sweep = 0, changed = true; changed && sweep < 60; sweep++) {
    changed = false;
    for (let p = 0; p < vectors.length; p++)
      for (let q = p + 1; q < vectors.length; q++) {
        const [pp, qq, pq] = products(vectors[p]!, vectors[q]!);
        if (pq === 0 || Math.abs(pq) <= 1e-15 * Math.sqrt(pp) * Math.sqrt(qq)) continue;
        changed = true;
        const tau = (qq - pp) / (2 * pq);
        const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
        turn(vectors[p]!, vectors[q]!, t);
        if (turned.length > 0) turn(turned[p]!, turned[q]!, t);
      }
  }
  return vectors
    .map((vector, index) => ({ index, length: Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0)) }))
    .sort((a, b) => b.length - a.length);
}

function products(p: Float64Array, q: Float64Array): readonly [number, number, number] {
  let [pp, qq, pq] = [0, 0, 0];
  for (let i = 0; i < p.length; i++) {
    const [x, y] = [p[i]!, q[i]!];
    pp += x * x;
    qq += y * y;
    pq += x * y;
  }
  return [pp, qq, pq];
}

/** The plane rotation of tangent t. */
function turn(p: Float64Array, q: Float64Array, t: number): void {
  const c = 1 / Math.hypot(1, t);
  const s = t * c;
  for (let i = 0; i < p.length; i++) {
    const [x, y] = [p[i]!, q[i]!];
    p[i] = c * x - s * y;
    q[i] = s * x + c * y;
  }
}
