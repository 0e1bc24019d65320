import { betaTails, bisect, logGamma } from "./incompleteBeta.js";

/** P(T > t) of Student's distribution with df > 0 degrees of freedom, accurate in the upper tail. */
export function studentSurvival(t: number, df: number): number {
  if (Number.isNaN(t)) return Number.NaN;
  const q = Math.abs(t) / Math.sqrt(df);
  const half = q > 1e8 ? farTail(q, df) : betaTails(df / 2, 0.5, 1 / (1 + q * q), (q / (1 + q * q)) * q).lower / 2;
  return t > 0 ? half : 1 - half;
}

/** The leading term of the tail, exact to 1/q²: q² itself might be infinite. */
function farTail(q: number, df: number): number {
  const a = df / 2;
  return Math.exp(-df * Math.log(q) - Math.log(a) - (logGamma(a) + logGamma(0.5) - logGamma(a + 0.5))) / 2;
}

/** The t > 0 at which P(T > t) is p, for 0 < p < ½. */
export function studentQuantile(p: number, df: number): number {
  return Math.exp(bisect((u) => studentSurvival(Math.exp(u), df) > p, -80, 709));
}
