import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../src/internal/random.js";
import { pca, tsne } from "../../src/statistics/index.js";
import { codeOf } from "../metrics/oracles.js";
import { golden } from "../support/golden.js";

const rowsOf = (flat: ArrayLike<number>, d: number) =>
  Array.from({ length: flat.length / d }, (_, n) => Array.from({ length: d }, (__, f) => flat[n * d + f]!));

describe("pca", () => {
  test("points on a line", () => {
    const { scores, components, mean, varianceRatio } = pca(
      [
        [1, 2],
        [2, 4],
        [3, 6],
      ],
      { components: 1 },
    );
    expect([...components[0]!]).toEqual([expect.closeTo(1 / Math.sqrt(5), 12), expect.closeTo(2 / Math.sqrt(5), 12)]);
    expect([...mean]).toEqual([2, 4]);
    expect(scores.map(([s]) => s)).toEqual([
      expect.closeTo(-Math.sqrt(5), 12),
      expect.closeTo(0, 12),
      expect.closeTo(Math.sqrt(5), 12),
    ]);
    expect(varianceRatio[0]).toBeCloseTo(1, 12);
  });

  test("nothing varies", () => {
    const { scores, variance, varianceRatio } = pca([
      [1, 2],
      [1, 2],
    ]);
    expect(scores.flatMap((s) => [...s])).toEqual([0, 0, 0, 0]);
    expect([...variance]).toEqual([0, 0]);
    expect([...varianceRatio]).toEqual([Number.NaN, Number.NaN]);
  });

  test("refuses", () => {
    expect(() => pca([[1, 2]])).toThrowError(/2 cases or more/);
    expect(() => pca([[], []])).toThrowError(/one feature/);
    expect(() => pca([[1, 2], [1]])).toThrowError(/rows\[1\] has 1 features/);
    expect(() =>
      pca([
        [1, 2],
        [1, Number.NaN],
      ]),
    ).toThrowError(/rows\[1\]\[1\] is NaN/);
    expect(() =>
      pca(
        [
          [1, 2],
          [3, 5],
        ],
        { components: 3 },
      ),
    ).toThrowError(/at most 2 components/);
    expect(
      codeOf(() =>
        pca(
          [
            [1, 2],
            [3, 5],
          ],
          { components: 0 },
        ),
      ),
    ).toBe("out-of-range");
  });

  test("law: components are orthonormal, scores uncorrelated, and all of them together give the rows back", () => {
    const value = fc.double({ min: -10, max: 10, noNaN: true });
    const table = fc
      .tuple(fc.integer({ min: 2, max: 7 }), fc.integer({ min: 1, max: 7 }))
      .chain(([n, d]) => fc.array(fc.array(value, { minLength: d, maxLength: d }), { minLength: n, maxLength: n }));
    fc.assert(
      fc.property(table, (rows) => {
        const k = Math.min(rows.length, rows[0]!.length);
        const { scores, components, mean, variance } = pca(rows, { components: k });
        rows.forEach((row, n) => {
          row.forEach((v, f) => {
            const back = components.reduce((s, c, m) => s + scores[n]![m]! * c[f]!, mean[f]!);
            expect(Math.abs(back - v)).toBeLessThan(1e-11);
          });
        });
        for (let a = 0; a < k; a++) {
          if (a > 0) expect(variance[a]!).toBeLessThanOrEqual(variance[a - 1]! + 1e-12);
          // Where nothing varies any more a direction is arbitrary, or none.
          if (variance[a]! < 1e-22) continue;
          for (let b = 0; b <= a; b++) {
            const product = components[a]!.reduce((s, v, f) => s + v * components[b]![f]!, 0);
            expect(Math.abs(product - (a === b ? 1 : 0))).toBeLessThan(1e-6);
          }
        }
      }),
    );
  });

  test("equals numpy's singular values", () => {
    interface Case extends Record<string, unknown> {
      readonly n: number;
      readonly d: number;
      readonly rows: Float64Array;
      readonly components: Float64Array;
      readonly scores: Float64Array;
      readonly variance: Float64Array;
      readonly ratio: Float64Array;
    }
    for (const { d, rows, components, scores, variance, ratio } of Object.values(
      golden<{ tall: Case; wide: Case }>("statistics/pca"),
    ).filter((c) => typeof c === "object")) {
      const actual = pca(rowsOf(rows, d), { components: 3 });
      const near = (a: ArrayLike<number>, b: ArrayLike<number>) => {
        Array.from(a).forEach((v, i) => {
          expect(v).toBeCloseTo(b[i]!, 10);
        });
      };
      near(
        actual.components.flatMap((c) => [...c]),
        components,
      );
      near(
        actual.scores.flatMap((s) => [...s]),
        scores,
      );
      near(actual.variance, variance);
      near(actual.varianceRatio, ratio);
    }
  });
});

describe("tsne", () => {
  const clusters = (() => {
    const random = createRandom(3);
    return Array.from({ length: 60 }, (_, n) =>
      Array.from({ length: 8 }, (__, f) => random.normal() * 0.3 + (f === n % 3 ? 6 : 0)),
    );
  })();

  test("keeps clusters together and apart", () => {
    const { points, divergence } = tsne(clusters, { seed: 1, perplexity: 10, iterations: 500 });
    const distance = (a: number, b: number) => Math.hypot(points[a]![0] - points[b]![0], points[a]![1] - points[b]![1]);
    points.forEach((_, n) => {
      const nearest = [...points.keys()].filter((m) => m !== n).sort((a, b) => distance(n, a) - distance(n, b));
      expect(nearest.slice(0, 5).every((m) => m % 3 === n % 3)).toBe(true);
    });
    expect(divergence).toBeGreaterThan(0);
    expect(divergence).toBeLessThan(1);
  });

  test("a seed repeats the picture; it is centred", () => {
    const options = { seed: 7, perplexity: 5, iterations: 60 };
    const { points } = tsne(clusters, options);
    expect(tsne(clusters, options).points).toEqual(points);
    expect(tsne(clusters, { ...options, seed: 8 }).points).not.toEqual(points);
    for (const axis of [0, 1]) expect(Math.abs(points.reduce((s, p) => s + p[axis]!, 0))).toBeLessThan(1e-6);
  });

  test("shrinks the divergence as it goes on", () => {
    const after = (iterations: number) => tsne(clusters, { seed: 1, perplexity: 10, iterations }).divergence;
    expect(after(600)).toBeLessThan(after(260));
  });

  test("equal cases are no trouble", () => {
    const { points } = tsne([...clusters.slice(0, 10), ...clusters.slice(0, 10)], { seed: 1, perplexity: 4, iterations: 50 });
    expect(points.flat().every(Number.isFinite)).toBe(true);
    const same = tsne(new Array(10).fill([1, 2]), { seed: 1, perplexity: 2, iterations: 50 });
    expect(same.points.flat().every(Number.isFinite)).toBe(true);
  });

  test("refuses", () => {
    expect(() => tsne(clusters.slice(0, 3), { seed: 1, perplexity: 1 })).toThrowError(/4 cases or more/);
    for (const perplexity of [0.5, 20, Number.NaN])
      expect(() => tsne(clusters, { seed: 1, perplexity })).toThrowError(/perplexity/);
    for (const bad of [{ seed: -1 }, { seed: 1, iterations: 0 }, { seed: 1, learningRate: 0 }])
      expect(codeOf(() => tsne(clusters, { perplexity: 5, ...bad }))).toBe("out-of-range");
  });
});
