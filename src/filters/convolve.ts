import type { LineFilter } from "./lines.js";

/** Convolution with a symmetric kernel, given by its weights at distance 0 … radius. */
export function convolve(half: Float64Array): LineFilter {
  const radius = half.length - 1;
  return { pad: radius, apply: (line, out, count) => convolveLine(line, out, count, half, radius) };
}

/** Four results at a time: one weight is loaded for four, and the additions don't wait for each other. */
function convolveLine(line: Float64Array, out: Float64Array, count: number, half: Float64Array, radius: number): void {
  for (let i = 0; i < count; i += 4) {
    const c = i + radius;
    const w0 = half[0]!;
    let s0 = w0 * line[c]!;
    let s1 = w0 * line[c + 1]!;
    let s2 = w0 * line[c + 2]!;
    let s3 = w0 * line[c + 3]!;
    for (let m = 1; m <= radius; m++) {
      const w = half[m]!;
      const l = c - m;
      const r = c + m;
      s0 += w * (line[l]! + line[r]!);
      s1 += w * (line[l + 1]! + line[r + 1]!);
      s2 += w * (line[l + 2]! + line[r + 2]!);
      s3 += w * (line[l + 3]! + line[r + 3]!);
    }
    out[i] = s0;
    out[i + 1] = s1;
    out[i + 2] = s2;
    out[i + 3] = s3;
  }
}
