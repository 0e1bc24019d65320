import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type NonLocalMeansOptions, nonLocalMeans } from "../../src/filters/nonLocalMeans.js";
import { createGrid, createVolume, isGadoliniteError, type Vec3, type Volume } from "../../src/index.js";
import { fillNormal } from "../../src/internal/random.js";
import { volume, volumeOf } from "../support/arbitraries.js";
import { maxAbsDifference } from "../support/oracles.js";

/** Voxel by voxel and patch by patch, as the formula reads. */
function slow(
  { data, grid }: Volume,
  { sigma, h = 0.8 * sigma || 1, patchRadius: r = 1, searchRadius: s = 2 }: NonLocalMeansOptions,
): Float64Array {
  const [ni, nj, nk] = grid.shape;
  const at = (p: Vec3) => data[p[0] + ni * (p[1] + nj * p[2])]!;
  const range = (n: number) => Array.from({ length: 2 * n + 1 }, (_, m) => m - n);
  const box = (n: number) => range(n).flatMap((k) => range(n).flatMap((j) => range(n).map((i): Vec3 => [i, j, k])));
  const plus = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
  const inside = (p: Vec3) => p.every((n, axis) => n >= 0 && n < grid.shape[axis]!);
  const out = new Float64Array(data.length);
  for (let k = 0, n = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++, n++) {
        let [sum, total] = [0, 0];
        for (const t of box(s)) {
          const other = plus([i, j, k], t);
          if (!inside(other)) continue;
          // The nearest place of which the shifted one lies on the grid too.
          const nearest = (p: Vec3) =>
            p.map((m, axis) =>
              Math.min(grid.shape[axis]! - 1 - Math.max(0, t[axis]!), Math.max(0, -t[axis]!, m)),
            ) as unknown as Vec3;
          const patch = box(r).map((o) => nearest(plus([i, j, k], o)));
          const distance = patch.reduce((d, p) => d + (at(p) - at(plus(p, t))) ** 2, 0) / patch.length;
          const weight = Math.exp(-Math.max(0, distance - 2 * sigma ** 2) / h ** 2);
          sum += weight * at(other);
          total += weight;
        }
        out[n] = sum / total;
      }
  return out;
}

const codeOf = (f: () => unknown) => {
  try {
    f();
  } catch (error) {
    return isGadoliniteError(error) ? error.code : error;
  }
  return undefined;
};

describe("nonLocalMeans", () => {
  test("equals the formula, voxel by voxel", () => {
    fc.assert(
      fc.property(
        volume(5),
        fc.double({ min: 0, max: 500, noNaN: true }),
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: 2 }),
        (v, sigma, patchRadius, searchRadius) => {
          const options = { sigma, h: 300, patchRadius, searchRadius };
          // Sums of up to 125 products in float32, of numbers up to 4000; distances in float32 of numbers up to 2.5e7 over h² = 9e4.
          expect(maxAbsDifference(nonLocalMeans(v, options), { data: Float32Array.from(slow(v, options)) })).toBeLessThan(
            4000 * 1e-4,
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  test("takes most of the noise from a step, and leaves the step", () => {
    const n = 20;
    const grid = createGrid({ shape: [n, n, n] });
    const noise = new Float32Array(n ** 3);
    fillNormal(noise, 3);
    const clean = noise.map((_, i) => (i % n < n / 2 ? 0 : 10));
    const smooth = nonLocalMeans(
      createVolume(
        noise.map((v, i) => v + clean[i]!),
        grid,
      ),
      { sigma: 1 },
    );
    const rms = Math.sqrt(smooth.data.reduce((sum, v, i) => sum + (v - clean[i]!) ** 2, 0) / n ** 3);
    expect(rms).toBeLessThan(0.35);
  });

  test("laws: a constant stays, an added constant is added, a factor is a factor", () => {
    fc.assert(
      fc.property(volume(5), fc.integer({ min: -50, max: 50 }), fc.constantFrom(0.5, 2, 4), (v, c, factor) => {
        const base = nonLocalMeans(v, { sigma: 20 });
        const shifted = nonLocalMeans({ grid: v.grid, data: v.data.map((x) => factor * (x + c)) }, { sigma: 20 * factor });
        expect(maxAbsDifference(shifted, { data: base.data.map((x) => factor * (x + c)) })).toBeLessThan(factor * 4000 * 1e-3);
        const constant = nonLocalMeans({ grid: v.grid, data: v.data.map(() => c) }, { sigma: 1 });
        expect(constant.data.every((x) => Math.abs(x - c) <= Math.abs(c) * 1e-6)).toBe(true);
      }),
    );
  });

  test("refuses", () => {
    const v = volumeOf([2, 1, 1], [1, 2]);
    expect(codeOf(() => nonLocalMeans(v, { sigma: -1 }))).toBe("out-of-range");
    expect(codeOf(() => nonLocalMeans(v, { sigma: 1, h: 0 }))).toBe("out-of-range");
    expect(codeOf(() => nonLocalMeans(v, { sigma: 1, patchRadius: 0 }))).toBe("out-of-range");
    expect(codeOf(() => nonLocalMeans(v, { sigma: 1, searchRadius: 1.5 }))).toBe("out-of-range");
    expect(codeOf(() => nonLocalMeans(volumeOf([2, 1, 1], [1, Number.NaN]), { sigma: 1 }))).toBe("out-of-range");
  });
});
