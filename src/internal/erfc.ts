// W. J. Cody 1969, "Rational Chebyshev approximations for the error function", Math Comp 23:631. Relative error below 1e-15 where
// the result is a normal number.
const A = [3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694, 0.18577770618460315];
const B = [23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const C = [
  0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769, 1712.0476126340707,
  2051.0783778260716, 1230.3393547979972, 2.1531153547440383e-8,
];
const D = [
  15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597, 4362.619090143247,
  3439.3676741437216, 1230.3393548037495,
];
const P = [
  0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275, 0.0006587491615298378,
  0.016315387137302097,
];
const Q = [2.568520192289822, 1.8729528499234604, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918];
const ONE_OVER_SQRT_PI = 0.5641895835477563;

/** Complementary error function, 1 − erf(x), accurate in both tails: 2 at −∞, below 1e-308 only past x = 26.5. */
export function erfc(x: number): number {
  const y = Math.abs(x);
  if (!(y > 0.46875)) return 1 - erfNearZero(x);
  // Where the result is below the smallest number.
  if (y > 27.3) return x < 0 ? 2 : 0;
  const tail = y <= 4 ? ratio(C, D, y, 8) : (ONE_OVER_SQRT_PI - farRatio(1 / (y * y))) / y;
  const value = gaussianFactor(y) * tail;
  return x < 0 ? 2 - value : value;
}

function erfNearZero(x: number): number {
  return x * ratio(A, B, x * x, 4);
}

/** (n_last·z^m + n_0·z^(m−1) + … + n_(m−1)) / (z^m + d_0·z^(m−1) + …): Cody's order of the coefficients. */
function ratio(n: readonly number[], d: readonly number[], z: number, m: number): number {
  let top = n[m]! * z;
  let bottom = z;
  for (let i = 0; i < m - 1; i++) {
    top = (top + n[i]!) * z;
    bottom = (bottom + d[i]!) * z;
  }
  return (top + n[m - 1]!) / (bottom + d[m - 1]!);
}

const farRatio = (z: number) => z * ratio(P, Q, z, 5);

/** exp(−y²) without the rounding of y²: y is split at 1/16. */
function gaussianFactor(y: number): number {
  const head = Math.trunc(y * 16) / 16;
  return Math.exp(-head * head) * Math.exp(-(y - head) * (y + head));
}

/** P(Z > z) of the standard normal distribution, accurate in the upper tail. */
export const normalSurvival = (z: number): number => erfc(z / Math.SQRT2) / 2;
