import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeAsinh, writeClamped, writeFine } from "../../src/inference/noiseUnits.js";

const shapes = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }));
const units = (size: number) =>
  fc
    .array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: size, maxLength: size })
    .map((values) => Float32Array.from(values));

describe("channels in units of noise", () => {
  test("asinh and the clamp are those of each voxel", () => {
    const u = Float32Array.of(-40, -2, -0.1, 0, 0.1, 2, 40);
    const [asinh, clamped] = [new Float32Array(7), new Float32Array(7)];
    writeAsinh(asinh, u);
    writeClamped(clamped, u);
    u.forEach((v, n) => expect(asinh[n]).toBeCloseTo(Math.asinh(v), 6));
    expect([...clamped]).toEqual([-3, -2, ...[-0.1, 0, 0.1].map(Math.fround), 2, 3]);
  });

  test("law: the fine difference is u less 27 weighted neighbours, the border going on, within ±6", () => {
    fc.assert(
      fc.property(
        shapes.chain((shape) => fc.tuple(fc.constant(shape), units(shape[0] * shape[1] * shape[2]))),
        ([[ni, nj, nk], u]) => {
          const fine = new Float32Array(u.length);
          writeFine(fine, u, [ni, nj, nk]);
          const at = (i: number, j: number, k: number) => {
            const [a, b, c] = [
              Math.min(ni - 1, Math.max(0, i)),
              Math.min(nj - 1, Math.max(0, j)),
              Math.min(nk - 1, Math.max(0, k)),
            ];
            return u[a + ni * (b + nj * c)]!;
          };
          for (let k = 0, v = 0; k < nk; k++)
            for (let j = 0; j < nj; j++)
              for (let i = 0; i < ni; i++, v++) {
                let blurred = 0;
                for (const c of [-1, 0, 1])
                  for (const b of [-1, 0, 1])
                    for (const a of [-1, 0, 1])
                      blurred += at(i + a, j + b, k + c) * [a, b, c].reduce((w, d) => w * (d === 0 ? 0.75 : 0.125), 1);
                const expected = Math.max(-6, Math.min(6, u[v]! - blurred));
                // Rounding to float32 after each axis, of values up to 50.
                expect(Math.abs(fine[v]! - expected)).toBeLessThan(2e-5);
              }
        },
      ),
    );
  });

  test("law: a constant has none, whatever its size", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: -1000, max: 1000 }), ([ni, nj, nk], value) => {
        const fine = new Float32Array(ni * nj * nk).fill(1);
        writeFine(fine, new Float32Array(ni * nj * nk).fill(value), [ni, nj, nk]);
        expect(fine.every((v) => v === 0)).toBe(true);
      }),
    );
  });
});
