import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gatedFusion } from "../../../src/model/conditionalUnet3d.js";
import { positionalEncoding } from "../../../src/model/conesGenerator.js";
import { graphBuilder } from "../../../src/model/graph/builder.js";
import { encodeGraph } from "../../../src/model/graph/encode.js";
import type { Dim, Value } from "../../../src/model/graph/graph.js";
import { type Initialize, uniformFanIn, xavierNormal } from "../../../src/model/graph/initialize.js";
import {
  blurPool,
  instanceNorm,
  type LayerContext,
  resizeLike,
  shuffled,
  unshuffled,
  upConv,
} from "../../../src/model/graph/layers.js";
import { type Numbers, runOnnx, wavy } from "../runGraph.js";

type Layer = (context: LayerContext, ...inputs: readonly Value[]) => Value;

const names = ["a", "b"] as const;
const free: readonly Dim[] = ["depth", "height", "width"];

/** What a layer makes of these inputs, with free sizes and with fixed ones; both must agree. */
async function apply(layer: Layer, inputs: readonly Numbers[], initialize: Initialize = uniformFanIn(1)): Promise<Numbers> {
  const results: Numbers[] = [];
  for (const fixed of [false, true]) {
    const b = graphBuilder("layer");
    // Inputs of the same size share the names of their sizes.
    const group = (n: number) => inputs.findIndex(({ dims }) => String(dims.slice(2)) === String(inputs[n]!.dims.slice(2)));
    const named = (n: number) => free.slice(5 - inputs[n]!.dims.length).map((name) => `${name}${group(n)}`);
    const values = inputs.map(({ dims }, n) => b.input(names[n]!, fixed ? dims : ["batch", dims[1]!, ...named(n)]));
    const context: LayerContext = { b, initialize, padding: "replicate" };
    const graph = b.finish({ y: layer(context, ...values) });
    const { y } = await runOnnx(encodeGraph(graph), Object.fromEntries(inputs.map((input, n) => [names[n], input])));
    results.push(y!);
  }
  const [open, known] = results as [Numbers, Numbers];
  expect(open.dims).toEqual(known.dims);
  expect(open.data.findIndex((value, i) => value !== known.data[i])).toBe(-1);
  return open;
}

const filled = (value: number, ...dims: readonly number[]): Numbers => ({ dims, data: wavy(...dims).data.fill(value) });

describe("blurPool", () => {
  test("a constant stays constant, up to the border", async () => {
    const { dims, data } = await apply(blurPool, [filled(3, 1, 2, 5, 6, 7)]);
    expect(dims).toEqual([1, 2, 3, 3, 4]);
    expect([...data].every((value) => value === 3)).toBe(true);
  });

  test("an impulse gives every second number of the binomial kernel", async () => {
    const impulse = filled(0, 1, 1, 9, 9, 9);
    impulse.data[4 + 9 * (4 + 9 * 4)] = 4096;
    const { dims, data } = await apply(blurPool, [impulse]);
    expect(dims).toEqual([1, 1, 5, 5, 5]);
    // Voxel 2 of the result is centred on the impulse; its neighbours are two voxels off.
    const tap = [0, 1, 6, 1, 0];
    const expected = tap.flatMap((k) => tap.flatMap((j) => tap.map((i) => i * j * k)));
    expect([...data]).toEqual(expected);
  });

  test("channels and patches do not mix", async () => {
    const both = wavy(2, 3, 6, 5);
    const { data } = await apply(blurPool, [both]);
    for (let n = 0; n < 6; n++) {
      const alone = { dims: [1, 1, 6, 5], data: both.data.slice(30 * n, 30 * (n + 1)) };
      expect([...(await apply(blurPool, [alone])).data]).toEqual([...data.slice(9 * n, 9 * (n + 1))]);
    }
  });
});

describe("resizeLike", () => {
  test("linear: a ramp of 4 to 8", async () => {
    const { data } = await apply(
      (context, x, like) => resizeLike(context, x, like),
      [{ dims: [1, 1, 4], data: Float32Array.of(0, 1, 2, 3) }, filled(0, 1, 1, 8)],
    );
    expect([...data]).toEqual([0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]);
  });

  test("law: linear is PyTorch's rule without aligned corners, at any sizes", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9 })), { minLength: 2, maxLength: 3 }),
        async (axes) => {
          const [from, to] = [axes.map(([n]) => n), axes.map(([, n]) => n)];
          const x = wavy(1, 2, ...from);
          const { data } = await apply((context, value, like) => resizeLike(context, value, like), [x, filled(0, 1, 2, ...to)]);
          const expected = trilinear(x.data, [2, ...from], [2, ...to]);
          // A position of up to 4 voxels, computed in float32, is off by some 5e-7, where neighbours differ by up to 2.
          for (const [n, value] of data.entries()) expect(Math.abs(value - expected[n]!)).toBeLessThan(2e-6);
        },
      ),
      { numRuns: 20 },
    ));

  test("nearest: each voxel twice", async () => {
    const { data } = await apply(
      (context, x, like) => resizeLike(context, x, like, "nearest"),
      [{ dims: [1, 1, 3], data: Float32Array.of(5, 6, 7) }, filled(0, 1, 1, 6)],
    );
    expect([...data]).toEqual([5, 5, 6, 6, 7, 7]);
  });
});

describe("gatedFusion", () => {
  test("f = sigmoid(W̃₁[fu, fs]) ⊙ W₁fu + sigmoid(W̃₂[fu, fs]) ⊙ W₂fs, voxel by voxel", async () => {
    // Weights 1, 2, 3 … in the order in which they are made: gate0 [2], its bias, value0 [1], its bias, gate1 …
    let next = 1;
    const counting: Initialize = (data) => {
      for (let i = 0; i < data.length; i++) data[i] = next++ / 10;
    };
    const [up, skip] = [wavy(1, 1, 2, 3, 2), filled(0, 1, 1, 2, 3, 2)];
    for (let i = 0; i < 12; i++) skip.data[i] = Math.cos(i);
    const { data } = await apply(
      (context, u, s) => {
        next = 1;
        return gatedFusion(context, "gate", u, s);
      },
      [up, skip],
      counting,
    );
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    for (let i = 0; i < 12; i++) {
      const [u, s] = [up.data[i]!, skip.data[i]!];
      const expected = sigmoid(0.1 * u + 0.2 * s + 0.3) * (0.4 * u + 0.5) + sigmoid(0.6 * u + 0.7 * s + 0.8) * (0.9 * s + 1.0);
      expect(data[i]).toBeCloseTo(expected, 6);
    }
  });
});

describe("upConv", () => {
  test("each voxel becomes a block of its own", async () => {
    const counting: Initialize = (data, { kind }) => {
      for (let i = 0; i < data.length; i++) data[i] = kind === "bias" ? 100 : i;
    };
    const x = { dims: [1, 1, 1, 2], data: Float32Array.of(1, 10) };
    const { dims, data } = await apply(
      (context, value, like) => upConv(context, "up", value, like, 1),
      [x, filled(0, 1, 1, 2, 4)],
      counting,
    );
    expect(dims).toEqual([1, 1, 2, 4]);
    expect([...data]).toEqual([100, 101, 100, 110, 102, 103, 120, 130]);
  });
});

describe("unshuffled", () => {
  test("law: channel c · e³ + (dk, dj, di) holds voxel e · (k, j, i) + (dk, dj, di) of channel c, and shuffled undoes it", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 3 }),
        async (edge, blocks) => {
          const [count, size] = [edge ** blocks.length, blocks.map((n) => n * edge)];
          const x = wavy(2, 2, ...size);
          const apart = await apply((context, input) => unshuffled(context, input, edge), [x]);
          expect(apart.dims).toEqual([2, 2 * count, ...blocks]);
          const voxels = blocks.reduce((a, b) => a * b, 1);
          const expected = apart.data.map((_, n) => {
            const [channel, voxel] = [Math.floor(n / voxels), n % voxels];
            let [within, place, from, stride] = [channel % count, voxel, 0, 1];
            for (let axis = blocks.length - 1; axis >= 0; axis--) {
              from += stride * ((place % blocks[axis]!) * edge + (within % edge));
              place = Math.floor(place / blocks[axis]!);
              within = Math.floor(within / edge);
              stride *= size[axis]!;
            }
            return x.data[Math.floor(channel / count) * stride + from]!;
          });
          expect(apart.data).toEqual(expected);
          const back = await apply((context, input, like) => shuffled(context, input, like, edge), [apart, x]);
          expect(back.data).toEqual(x.data);
        },
      ),
      { numRuns: 20 },
    ));
});

describe("instanceNorm", () => {
  test("each channel of each patch has mean 0 and variance 1", async () => {
    const { data } = await apply((context, x) => instanceNorm(context, "norm", x), [wavy(2, 3, 8, 8)]);
    for (let n = 0; n < 6; n++) {
      const part = data.subarray(64 * n, 64 * (n + 1));
      const mean = part.reduce((a, b) => a + b, 0) / 64;
      expect(mean).toBeCloseTo(0, 6);
      // ε = 1e-5 beside a variance of about a half.
      expect(part.reduce((a, b) => a + (b - mean) ** 2, 0) / 64).toBeCloseTo(1, 4);
    }
  });
});

describe("positionalEncoding", () => {
  test.each([
    [1, 1],
    [3, 5],
    [128, 160],
  ])("is cos and sin of 2^f π x/w and 2^f π y/h (%i × %i)", async (h, w) => {
    const { dims, data } = await apply((context, x) => positionalEncoding(context.b, x), [filled(0, 2, 1, h, w)]);
    expect(dims).toEqual([2, 28, h, w]);
    let worst = 0;
    for (let n = 0; n < 2; n++)
      for (let f = 0; f < 7; f++)
        for (let y = 0; y < h; y++)
          for (let x = 0; x < w; x++) {
            const [a, b] = [(2 ** f * Math.PI * x) / w, (2 ** f * Math.PI * y) / h];
            for (const [wave, value] of [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)].entries())
              worst = Math.max(worst, Math.abs(data[x + w * (y + h * (4 * f + wave + 28 * n))]! - value));
          }
    // An angle up to 2π in float32 is off by 2.4e-7 for each of two operations.
    expect(worst).toBeLessThan(8e-7);
  });
});

describe("initialisers", () => {
  test("have the standard deviation that they are named for", () => {
    const sd = (initialize: Initialize) => {
      const data = new Float32Array(20_000);
      initialize(data, { kind: "weight", fanIn: 30, fanOut: 20 });
      return Math.sqrt(data.reduce((a, b) => a + b * b, 0) / data.length);
    };
    // Five standard errors of an estimate from 20 000 numbers.
    const near = (expected: number) => [expected * (1 - 5 / Math.sqrt(40_000)), expected * (1 + 5 / Math.sqrt(40_000))] as const;
    for (const [found, expected] of [
      [sd(xavierNormal(1, { gain: 0.02 })), 0.02 * Math.sqrt(2 / 50)],
      [sd(uniformFanIn(1)), 1 / Math.sqrt(3 * 30)],
    ] as const) {
      const [low, high] = near(expected);
      expect(found).toBeGreaterThan(low);
      expect(found).toBeLessThan(high);
    }
    const bias = new Float32Array(3).fill(1);
    xavierNormal(1)(bias, { kind: "bias", fanIn: 3, fanOut: 3 });
    expect([...bias]).toEqual([0, 0, 0]);
  });
});

/** Position i of the result lies at (i + ½) · from/to − ½, not before the first voxel; one axis after the other. */
function trilinear(data: Float32Array, from: readonly number[], to: readonly number[]): Float64Array {
  let [values, shape] = [Float64Array.from(data), [...from]];
  for (let axis = 1; axis < from.length; axis++) {
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const [n, m] = [shape[axis]!, to[axis]!];
    const next = new Float64Array(outer * m * inner);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < m; i++) {
        const at = Math.max(0, ((i + 0.5) * n) / m - 0.5);
        const low = Math.floor(at);
        const high = Math.min(n - 1, low + 1);
        for (let v = 0; v < inner; v++)
          next[v + inner * (i + m * o)] =
            (1 - (at - low)) * values[v + inner * (low + n * o)]! + (at - low) * values[v + inner * (high + n * o)]!;
      }
    [values, shape] = [next, shape.with(axis, m)];
  }
  return values;
}
