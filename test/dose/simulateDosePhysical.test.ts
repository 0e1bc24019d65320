import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DoseSequence } from "../../src/dose/index.js";
import { simulateDose } from "../../src/dose/simulateDose.js";
import { relaxationRateChange, simulateDosePhysical } from "../../src/dose/simulateDosePhysical.js";
import { createGrid, createVolume, type Volume } from "../../src/index.js";
import { dose, pairOnOneGrid, volumeOf } from "../support/arbitraries.js";
import { maxAbsDifference, scaleOf } from "../support/oracles.js";

const gradientEcho = { kind: "spoiled-gradient-echo", repetitionTimeMs: 8, flipAngleDeg: 15 } as const;
const spinEcho = { kind: "spin-echo", repetitionTimeMs: 550 } as const;

const sequence = (): fc.Arbitrary<DoseSequence> => {
  const tr = fc.double({ min: 2, max: 800, noNaN: true });
  const echo = fc.record({
    echoTimeMs: fc.double({ min: 0, max: 10, noNaN: true }),
    r2PerR1: fc.double({ min: 0, max: 2, noNaN: true }),
  });
  const flip = fc.double({ min: 1, max: 90, noNaN: true });
  return fc.oneof(
    fc.tuple(tr, flip, echo).map(([repetitionTimeMs, flipAngleDeg, e]) => ({
      kind: "spoiled-gradient-echo" as const,
      repetitionTimeMs,
      flipAngleDeg,
      ...e,
    })),
    fc.tuple(tr, echo).map(([repetitionTimeMs, e]) => ({ kind: "spin-echo" as const, repetitionTimeMs, ...e })),
  );
};

/** The signal equation, written out in seconds: S for R1 in 1/s and M0 = 1. */
function signal(r1: number, s: DoseSequence, addedR2 = 0): number {
  const e1 = Math.exp((-s.repetitionTimeMs / 1000) * r1);
  const decay = Math.exp((-(s.echoTimeMs ?? 0) / 1000) * addedR2);
  if (s.kind === "spin-echo") return (1 - e1) * decay;
  const alpha = (s.flipAngleDeg / 180) * Math.PI;
  return ((Math.sin(alpha) * (1 - e1)) / (1 - e1 * Math.cos(alpha))) * decay;
}

/** Scans of tissues with known ΔR1 (1/s) on a row of voxels. */
function scans(s: DoseSequence, t1Ms: number, changes: readonly number[], dose = 1): Volume {
  const r10 = 1000 / t1Ms;
  return volumeOf(
    [changes.length, 1, 1],
    changes.map((c) => 1000 * signal(r10 + dose * c, s, dose * c * (s.r2PerR1 ?? 0))),
  );
}

const changes = [0, 0.1, 0.5, 1, 3, -0.2];
const none = changes.map(() => 0);

describe("simulateDosePhysical", () => {
  test.each([gradientEcho, spinEcho, { ...gradientEcho, echoTimeMs: 4, r2PerR1: 1.3 }] as const)(
    "tissue of known T1 and concentration: the lower dose is what the scanner would have seen (%j)",
    (s) => {
      const [pre, post] = [scans(s, 1000, none), scans(s, 1000, changes)];
      for (const d of [0.1, 0.33, 0.5, 0.9]) {
        const low = simulateDosePhysical(pre, post, { dose: d, sequence: s, preContrastT1Ms: 1000 });
        // Two scans rounded to float32 of at most 1000, with the equation's gain from post to low below 2.
        expect(maxAbsDifference(low, scans(s, 1000, changes, d))).toBeLessThan(4e-4);
      }
      const rate = relaxationRateChange(pre, post, { sequence: s, preContrastT1Ms: 1000 });
      changes.forEach((c, i) => expect(rate.data[i]).toBeCloseTo(c, 4));
    },
  );

  test("a map of T1 takes each voxel's own", () => {
    const t1 = volumeOf([2, 1, 1], [600, 1400]);
    const at = (i: number, which: readonly number[], d = 1) => scans(gradientEcho, t1.data[i]!, which, d).data[0]!;
    const pre = volumeOf([2, 1, 1], [at(0, [0]), at(1, [0])]);
    const post = volumeOf([2, 1, 1], [at(0, [1]), at(1, [2])]);
    const low = simulateDosePhysical(pre, post, { dose: 0.5, sequence: gradientEcho, preContrastT1Ms: t1 });
    expect(low.data[0]).toBeCloseTo(at(0, [1], 0.5), 4);
    expect(low.data[1]).toBeCloseTo(at(1, [2], 0.5), 4);
  });

  test("where the equation has no solution the linear rule is used, and the rate is NaN", () => {
    //          air       negative  vanished  beyond full relaxation  NaN
    const pre = volumeOf([5, 1, 1], [0, -3, 100, 100, Number.NaN]);
    const post = volumeOf([5, 1, 1], [5, 10, -5, 1e6, 100]);
    const options = { sequence: spinEcho, preContrastT1Ms: 1000 };
    expect([...relaxationRateChange(pre, post, options).data]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    expect(simulateDosePhysical(pre, post, { dose: 0.25, ...options }).data).toEqual(
      simulateDose(pre, post, { dose: 0.25 }).data,
    );
    const noT1 = volumeOf([5, 1, 1], [0, -1, Number.NaN, 0, 0]);
    const mapped = simulateDosePhysical(post, pre, { dose: 0.25, sequence: spinEcho, preContrastT1Ms: noT1 });
    expect(mapped.data).toEqual(simulateDose(post, pre, { dose: 0.25 }).data);
  });

  test("beyond the highest signal that decay allows there is no solution", () => {
    const s = { ...gradientEcho, echoTimeMs: 10, r2PerR1: 5 };
    const pre = scans(s, 1000, [0]);
    let highest = 0;
    for (let c = 0; c < 200; c += 0.01) highest = Math.max(highest, scans(s, 1000, [c]).data[0]!);
    const rate = (post: number) =>
      relaxationRateChange(pre, volumeOf([1, 1, 1], [post]), { sequence: s, preContrastT1Ms: 1000 }).data[0];
    expect(rate(1.001 * highest)).toBeNaN();
    // Below it, of the two solutions, the smaller.
    expect(scans(s, 1000, [rate(0.99 * highest)!]).data[0]).toBeCloseTo(0.99 * highest, 3);
  });

  const a = volumeOf([1, 1, 1], [1]);
  const good = { dose: 0.5, sequence: gradientEcho, preContrastT1Ms: 1000 };
  test.each([
    [{ ...good, dose: 2 }, "out-of-range", /dose/],
    [{ ...good, preContrastT1Ms: 0 }, "out-of-range", /preContrastT1Ms/],
    [{ ...good, preContrastT1Ms: volumeOf([1, 1, 2], [1, 2]) }, "grid-mismatch", /grids/],
    [{ ...good, sequence: { ...gradientEcho, repetitionTimeMs: 0 } }, "out-of-range", /repetitionTimeMs/],
    [{ ...good, sequence: { ...gradientEcho, flipAngleDeg: 0 } }, "out-of-range", /flipAngleDeg/],
    [{ ...good, sequence: { ...gradientEcho, flipAngleDeg: 120 } }, "out-of-range", /flipAngleDeg/],
    [{ ...good, sequence: { ...gradientEcho, echoTimeMs: -1 } }, "out-of-range", /echoTimeMs/],
    [{ ...good, sequence: { ...spinEcho, r2PerR1: Number.NaN } }, "out-of-range", /r2PerR1/],
    [{ ...good, sequence: { ...spinEcho, kind: "mprage" } }, "out-of-range", /sequence.kind.*"mprage"/],
  ])("refuses %j", (options, code, message) => {
    expect(() => simulateDosePhysical(a, a, options as never)).toThrowError(message);
    expect(() => simulateDosePhysical(a, a, options as never)).toThrowError(expect.objectContaining({ code }));
  });

  describe("laws", () => {
    const t1 = () => fc.double({ min: 200, max: 4000, noNaN: true });

    test("dose 0 is the pre-contrast scan, 1 the post-contrast scan", () =>
      fc.assert(
        fc.property(pairOnOneGrid(), sequence(), t1(), ([pre, post], s, preContrastT1Ms) => {
          const at = (d: number) => simulateDosePhysical(pre, post, { dose: d, sequence: s, preContrastT1Ms });
          expect(maxAbsDifference(at(0), pre)).toBe(0);
          expect(maxAbsDifference(at(1), post)).toBe(0);
        }),
      ));

    test("the result lies between the scans, and without decay not below the linear rule where both are signals", () =>
      fc.assert(
        fc.property(pairOnOneGrid(), sequence(), t1(), dose(), ([pre, post], s, preContrastT1Ms, d) => {
          const low = simulateDosePhysical(pre, post, { dose: d, sequence: s, preContrastT1Ms }).data;
          const linear = simulateDose(pre, post, { dose: d }).data;
          const slack = 2e-7 * scaleOf(pre, post);
          const noDecay = !(s.echoTimeMs && s.r2PerR1);
          low.forEach((v, i) => {
            const [x, y] = [pre.data[i]!, post.data[i]!];
            expect(v).toBeGreaterThanOrEqual(Math.min(x, y) - slack);
            expect(v).toBeLessThanOrEqual(Math.max(x, y) + slack);
            if (noDecay) expect(v).toBeGreaterThanOrEqual(linear[i]! - slack);
          });
        }),
      ));

    test("a part of a part is the product", () =>
      fc.assert(
        fc.property(
          fc.double({ min: 0, max: 5, noNaN: true }),
          fc.constantFrom<DoseSequence>(gradientEcho, spinEcho),
          t1(),
          dose(),
          dose(),
          (change, s, preContrastT1Ms, d, e) => {
            const pre = scans(s, preContrastT1Ms, [0]);
            const low = (post: Volume, dose: number) => simulateDosePhysical(pre, post, { dose, sequence: s, preContrastT1Ms });
            const post = scans(s, preContrastT1Ms, [change]);
            // Signals of up to 1000 rounded to float32 thrice; near saturation rounding is amplified on the way to R1 and back damped.
            expect(maxAbsDifference(low(low(post, d), e), low(post, d * e))).toBeLessThan(1e-3);
          },
        ),
      ));

    test("as TR·ΔR1 → 0 it is the linear rule: the gap shrinks with TR·ΔR1", () => {
      // ½·(1 − cos α)-like curvature: the relative gap is of the order of TR·ΔR1/α² for a gradient echo; at 90° of TR·ΔR1.
      const gap = (trMs: number, change: number) => {
        const s = { kind: "spoiled-gradient-echo", repetitionTimeMs: trMs, flipAngleDeg: 90 } as const;
        const grid = createGrid({ shape: [1, 1, 1] });
        const at = (c: number) => createVolume(Float32Array.of(1e6 * signal(1 + c, s)), grid);
        const [pre, post] = [at(0), at(change)];
        const physical = simulateDosePhysical(pre, post, { dose: 0.5, sequence: s, preContrastT1Ms: 1000 }).data[0]!;
        return (physical - simulateDose(pre, post, { dose: 0.5 }).data[0]!) / (post.data[0]! - pre.data[0]!);
      };
      // Taylor: S ≈ TR·ΔR1 − ½(TR·ΔR1)², so at half dose the gap is TR·ΔR1/8 of the enhancement.
      for (const [tr, change] of [
        [100, 1],
        [20, 2],
        [10, 1],
      ] as const) {
        const x = (tr / 1000) * change;
        expect(gap(tr, change) / x).toBeGreaterThan(0.125 * (1 - 2 * x));
        expect(gap(tr, change) / x).toBeLessThan(0.126);
      }
    });

    test("the unit of the scans plays no part", () =>
      fc.assert(
        fc.property(
          pairOnOneGrid(),
          sequence(),
          t1(),
          fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
          fc.integer({ min: -10, max: 10 }),
          ([pre, post], s, t, d, power) => {
            const times = ({ grid, data }: Volume) =>
              createVolume(
                data.map((v) => v * 2 ** power),
                grid,
              );
            const options = { dose: d, sequence: s, preContrastT1Ms: t };
            // A power of two changes no mantissa, but for subnormal numbers.
            expect(
              maxAbsDifference(
                simulateDosePhysical(times(pre), times(post), options),
                times(simulateDosePhysical(pre, post, options)),
              ),
            ).toBeLessThan(1e-35);
          },
        ),
      ));
  });
});
