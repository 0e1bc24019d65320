// Tails of the beta distribution, each accurate relative to itself: by Lentz's continued fraction on the side of the mode where it converges, times
// a density formed from deviances (Loader 2000, "Fast and accurate computation of binomial probabilities"), so that nothing large cancels.
const LN_SQRT_TWO_PI = 0.9189385332046727;

/** ln Γ(a) − [(a − ½) ln a − a + ½ ln 2π] for a > 0: what Stirling's formula leaves over. */
export function stirlingRemainder(a: number): number {
  if (a >= 10) {
    const z = 1 / (a * a);
    // Bernoulli numbers B₂ₙ / (2n (2n − 1)).
    return (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * (691 / 360360 - z / 156)))))) / a;
  }
  // Γ(a) = Γ(a + n) / (a (a + 1) … (a + n − 1)).
  let product = 1;
  let b = a;
  for (; b < 10; b++) product *= b;
  return stirlingRemainder(b) + (b - 0.5) * Math.log(b) - b - Math.log(product) - ((a - 0.5) * Math.log(a) - a);
}

/** ln Γ(a) for a > 0. */
export function logGamma(a: number): number {
  return (a - 0.5) * Math.log(a) - a + LN_SQRT_TWO_PI + stirlingRemainder(a);
}

/** ln(1 + d) − d without cancellation near 0. */
function logDeviation(d: number): number {
  if (Math.abs(d) > 0.1) return Math.log1p(d) - d;
  let sum = 0;
  let power = d;
  for (let n = 2; n < 40; n++) {
    power *= -d;
    const next = sum + power / n;
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** x^a · y^b / B(a, b) for x + y = 1, a, b > 0. */
export function betaKernel(a: number, b: number, x: number, y: number): number {
  if (x === 0 || y === 0) return 0;
  const n = a + b;
  // How far x is from a/n, in units of a/n, and y from b/n; both from x·b − y·a, which is small near the mean.
  const off = x * b - y * a;
  const dx = off / a;
  const dy = -off / b;
  // Far out 1 + d is the ratio itself, and exact; d has lost it.
  const deviance =
    a * (dx < -0.5 ? Math.log((x * n) / a) - dx : logDeviation(dx)) +
    b * (dy < -0.5 ? Math.log((y * n) / b) - dy : logDeviation(dy));
  const remainder = stirlingRemainder(n) - stirlingRemainder(a) - stirlingRemainder(b);
  return Math.sqrt((a / n) * b) * Math.exp(deviance + remainder - LN_SQRT_TWO_PI);
}

/**
 * P(X ≤ x) and P(X > x) of the beta distribution with a, b > 0, at x = 1 − y; both x and y are given, so that neither has to be
 * rounded from the other.
 */
export function betaTails(a: number, b: number, x: number, y: number): { readonly lower: number; readonly upper: number } {
  if (!(x > 0)) return { lower: 0, upper: 1 };
  if (!(y > 0)) return { lower: 1, upper: 0 };
  const kernel = betaKernel(a, b, x, y);
  if (x * (a + b + 2) <= a + 1) {
    const lower = Math.min(1, (kernel / a) * continuedFraction(a, b, x));
    return { lower, upper: 1 - lower };
  }
  const upper = Math.min(1, (kernel / b) * continuedFraction(b, a, y));
  return { lower: 1 - upper, upper };
}

/** Numerical Recipes 6.4.5 by the modified Lentz method; for x below the mean it takes some √max(a, b) steps. */
function continuedFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  const notZero = (v: number) => (Math.abs(v) < tiny ? tiny : v);
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / notZero(1 + even * d);
    c = notZero(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / notZero(1 + odd * d);
    c = notZero(1 + odd / c);
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 3e-16) break;
  }
  return h;
}

/** The x at which P(X ≤ x) is p, for p from 0 to 1; by bisection on ln(x / (1 − x)), so that small results keep their digits. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  const below = (u: number) => {
    const { lower, upper } = betaTails(a, b, 1 / (1 + Math.exp(-u)), 1 / (1 + Math.exp(u)));
    return p < 0.5 ? lower < p : upper > 1 - p;
  };
  return 1 / (1 + Math.exp(-bisect(below, -745, 745)));
}

/** Where a condition that holds below a point and not above it ends. */
export function bisect(below: (u: number) => boolean, low: number, high: number): number {
  for (let n = 0; n < 80; n++) {
    const middle = (low + high) / 2;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
