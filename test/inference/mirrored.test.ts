import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/backend/index.js";
import { ensemble } from "../../src/inference/ensemble.js";
import { mirrored } from "../../src/inference/mirrored.js";
import type { Predictor } from "../../src/inference/predictor.js";
import { constant, identity, ramp } from "./predictors.js";

const tensor = (dims: readonly number[], data: readonly number[]): Tensor => ({ dims, data: Float32Array.from(data) });

/** Shifts by one voxel along i, j and k and weighs by the place: nothing symmetric about it. */
const lopsided: Predictor = async ({ dims, data }) => ({ dims, data: data.map((v, i) => v * (i % 7) + (data[i - 1] ?? 3)) });

/** flip, predict, flip back, one subset after another, by index arithmetic over all five dimensions. */
async function writtenOut(patches: Tensor, predictor: Predictor, axes: readonly number[]): Promise<number[]> {
  const flip = ({ dims, data }: Tensor, along: readonly number[]): Tensor => {
    const strides = dims.map((_, d) => dims.slice(d + 1).reduce((a, b) => a * b, 1));
    const at = (index: number) =>
      dims.reduce((sum, n, d) => {
        const c = Math.floor(index / strides[d]!) % n;
        return sum + (along.includes(4 - d) ? n - 1 - c : c) * strides[d]!;
      }, 0);
    return { dims, data: data.map((_, index) => data[at(index)]!) };
  };
  const subsets = axes.reduce<number[][]>((all, axis) => all.flatMap((s) => [s, [...s, axis]]), [[]]);
  const outputs = await Promise.all(subsets.map(async (s) => flip(await predictor(flip(patches, s)), s)));
  return Array.from(outputs[0]!.data, (_, i) =>
    Math.fround(outputs.reduce((sum, { data }) => sum + data[i]!, 0) / subsets.length),
  );
}

describe("mirrored", () => {
  test("example: the ramp 1, 2, 3 and its mirror image average to 2", async () => {
    const mean = await mirrored(ramp, { axes: [0] })(tensor([1, 1, 1, 1, 3], [10, 20, 30]));
    expect([...mean.data]).toEqual([20, 40, 60]);
    expect([...(await mirrored(ramp, { axes: [1, 2] })(tensor([1, 1, 1, 1, 3], [10, 20, 30]))).data]).toEqual([10, 40, 90]);
  });

  test("uses its arrays again, but never those of a call that is going on, nor those that it gave away", async () => {
    const seen = new Set<ArrayBufferLike>();
    const watch: Predictor = async (patches) => {
      seen.add(patches.data.buffer);
      await new Promise((resolve) => setTimeout(resolve));
      return lopsided(patches);
    };
    const wrapped = mirrored(ensemble([watch, lopsided]));
    const inputs = [1, 2, 3].map((seed) =>
      tensor(
        [1, 1, 2, 3, 4],
        Array.from({ length: 24 }, (_, n) => Math.sin(n * seed)),
      ),
    );
    const expected = await Promise.all(inputs.map((patches) => writtenOut(patches, lopsided, [0, 1, 2])));
    const inTurn = [];
    for (const patches of inputs) inTurn.push(await wrapped(patches));
    // The three inputs, and one array for all mirror images.
    expect(seen.size).toBe(4);
    const atOnce = await Promise.all(inputs.map((patches) => wrapped(patches)));
    for (const outputs of [inTurn, atOnce]) outputs.forEach(({ data }, n) => expect([...data]).toEqual(expected[n]));
    // Of another size they are others.
    const small = tensor([1, 1, 1, 1, 2], [1, 2]);
    expect([...(await wrapped(small)).data]).toEqual(await writtenOut(small, lopsided, [0, 1, 2]));
  });

  test("asks 2ⁿ times, and hands the signal on", async () => {
    const { signal } = new AbortController();
    const signals: unknown[] = [];
    const watch: Predictor = (patches, s) => {
      signals.push(s);
      return identity(patches);
    };
    await mirrored(watch)(tensor([1, 1, 1, 1, 1], [1]), signal);
    await mirrored(watch, { axes: [] })(tensor([1, 1, 1, 1, 1], [1]), signal);
    expect(signals).toEqual(Array(9).fill(signal));
  });

  test("refuses", async () => {
    for (const axes of [[3], [0, 0], [-1], [0.5]])
      expect(() => mirrored(identity, { axes: axes as never })).toThrow(/axes must be/);
    let calls = 0;
    const growing: Predictor = async () => tensor([1, 1, 1, 1, ++calls], Array(calls).fill(0));
    await expect(mirrored(growing)(tensor([1, 1, 1, 1, 1], [1]))).rejects.toMatchObject({ code: "bad-model" });
  });

  const patches = () =>
    fc
      .tuple(
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
      )
      .chain((dims) => {
        const n = dims.reduce((a, b) => a * b, 1);
        return fc.array(fc.integer({ min: -50, max: 50 }), { minLength: n, maxLength: n }).map((v) => tensor(dims, v));
      });

  test("law: equals the mean written out, and leaves the patches alone", () =>
    fc.assert(
      fc.asyncProperty(patches(), fc.shuffledSubarray([0, 1, 2] as const), async (input, axes) => {
        const before = input.data.slice();
        // Small integers: every sum is exact in any order.
        expect([...(await mirrored(lopsided, { axes })(input)).data]).toEqual(await writtenOut(input, lopsided, axes));
        expect(input.data).toEqual(before);
      }),
    ));

  test("law: the result commutes with flips", () =>
    fc.assert(
      fc.asyncProperty(patches(), async (input) => {
        const reversed = { dims: input.dims, data: reverseAlongI(input) };
        const there = await mirrored(lopsided)(reversed);
        const back = await mirrored(lopsided)(input);
        expect(there.data).toEqual(reverseAlongI(back));
      }),
    ));

  const reverseAlongI = ({ dims, data }: Tensor): Float32Array => {
    const ni = dims.at(-1)!;
    return data.map((_, at) => data[at - (at % ni) + (ni - 1 - (at % ni))]!);
  };
});

describe("ensemble", () => {
  test("example: 1 and 4 with weights 2 and 1", async () => {
    const one = tensor([1, 1, 1, 1, 1], [7]);
    expect([...(await ensemble([constant(1), constant(4)])(one)).data]).toEqual([2.5]);
    expect([...(await ensemble([constant(1), constant(4)], { weights: [2, 1] })(one)).data]).toEqual([2]);
    expect([...(await ensemble([constant(NaN), constant(4)], { weights: [0, 1] })(one)).data]).toEqual([4]);
  });

  test("refuses", async () => {
    const refused = (message: RegExp) => ({ code: "out-of-range", message: expect.stringMatching(message) });
    const attempt = (f: () => unknown) => expect(Promise.resolve().then(f)).rejects;
    await attempt(() => ensemble([])).toMatchObject(refused(/at least one predictor/));
    await attempt(() => ensemble([identity], { weights: [] })).toMatchObject(refused(/a weight for each/));
    await attempt(() => ensemble([identity], { weights: [-1] })).toMatchObject(refused(/weights\[0\]/));
    await attempt(() => ensemble([identity], { weights: [NaN] })).toMatchObject(refused(/weights\[0\]/));
    await attempt(() => ensemble([identity], { weights: [0] })).toMatchObject(refused(/must not all be 0/));
    const small: Predictor = async () => tensor([1, 1, 1, 1, 1], [0]);
    await attempt(() => ensemble([identity, small])(tensor([1, 1, 1, 1, 2], [1, 2]))).toMatchObject({ code: "bad-model" });
  });

  test("law: lies between its members, and a common factor of the weights does not show", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 64 }),
        async (members, factor) => {
          const values = members.map(([v]) => v);
          const run = async (k: number) =>
            (await ensemble(values.map(constant), { weights: members.map(([, w]) => w * k) })(tensor([1, 1, 1, 1, 1], [0])))
              .data[0]!;
          const mean = await run(1);
          expect(mean).toBeGreaterThanOrEqual(Math.min(...values));
          expect(mean).toBeLessThanOrEqual(Math.max(...values));
          expect(await run(factor)).toBe(mean);
        },
      ),
    ));
});
