/** Ranks from 1, equal values sharing the mean of their ranks, and Σ(t³ − t) over the groups of t equal values. */
export interface Ranking {
  readonly ranks: Float64Array;
  readonly tieTerm: number;
}

export function rank(values: ArrayLike<number>): Ranking {
  const n = values.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(n);
  let tieTerm = 0;
  for (let first = 0; first < n; ) {
    let end = first + 1;
    while (end < n && values[order[end]!] === values[order[first]!]) end++;
    for (let i = first; i < end; i++) ranks[order[i]!] = (first + end + 1) / 2;
    tieTerm += tieTermOf(end - first);
    first = end;
  }
  return { ranks, tieTerm };
}

export const tieTermOf = (t: number): number => t * t * t - t;
