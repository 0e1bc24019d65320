/** Writes asinh(u): what is far above the noise, compressed. */
export function writeAsinh(to: Float32Array, u: Float32Array): void {
  for (let v = 0; v < u.length; v++) {
    const size = Math.abs(u[v]!);
    // Several times faster than Math.asinh, and right to float32.
    const log = Math.log(size + Math.sqrt(size * size + 1));
    to[v] = u[v]! < 0 ? -log : log;
  }
}

/** Writes u held within ±32, over 8: noise on top of much signal is as large there as on little. */
export function writeWide(to: Float32Array, u: Float32Array): void {
  for (let v = 0; v < u.length; v++) to[v] = Math.max(-32, Math.min(32, u[v]!)) / 8;
}

/** Writes u held within ±3: what is near the noise, as it is. */
export function writeClamped(to: Float32Array, u: Float32Array): void {
  for (let v = 0; v < u.length; v++) to[v] = Math.max(-3, Math.min(3, u[v]!));
}
