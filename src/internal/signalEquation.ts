/** Times in ms, rates in 1/ms, angle in degrees: mixed units are the classical mistake here, so names carry them. */
export interface SpoiledGradientEcho {
  readonly repetitionTimeMs: number;
  readonly flipAngleDeg: number;
}

/**
 * Steady-state signal of a spoiled gradient echo per unit of M0·e^(−TE·R2*):
 *
 *     S = sin α · (1 − E1) / (1 − E1 · cos α),   E1 = exp(−TR · R1)
 */
export function spoiledGradientEchoSignal(r1PerMs: number, { repetitionTimeMs, flipAngleDeg }: SpoiledGradientEcho): number {
  const alpha = (flipAngleDeg * Math.PI) / 180;
  const e1 = Math.exp(-repetitionTimeMs * r1PerMs);
  return (Math.sin(alpha) * (1 - e1)) / (1 - e1 * Math.cos(alpha));
}

/** Signal of a spin echo with TE ≪ TR per unit of M0·e^(−TE·R2): S = 1 − exp(−TR · R1). */
export function spinEchoSignal(r1PerMs: number, { repetitionTimeMs }: { readonly repetitionTimeMs: number }): number {
  return -Math.expm1(-repetitionTimeMs * r1PerMs);
}
