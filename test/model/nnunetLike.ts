import { fillNormal } from "../../src/internal/random.js";
import { graphBuilder } from "../../src/model/graph/builder.js";
import type { Dim, Graph, Value } from "../../src/model/graph/graph.js";
import { heNormal } from "../../src/model/graph/initialize.js";
import { concat, conv, instanceNorm, type LayerContext, leakyRelu } from "../../src/model/graph/layers.js";

export const normal = (dims: readonly number[], seed: number) => {
  const data = new Float32Array(dims.reduce((a, b) => a * b, 1));
  fillNormal(data, seed);
  return { dims, data };
};

export interface NnunetLikeOptions {
  readonly seed: number;
  readonly inputs?: number;
  readonly classes?: number;
  readonly features?: number;
}

/**
 * An encoder of Conv, InstanceNorm, LeakyReLU and strides, a decoder of ConvTranspose with kernel = stride, and skips, as nnU-Net's plans give
 * for anisotropic scans: strides [1, 2, 2], then [2, 2, 2]. The open sizes are those of the coarsest scale, so that skips fit by name.
 */
export function nnunetLike({ seed, inputs = 2, classes = 3, features = 4 }: NnunetLikeOptions): Graph {
  const b = graphBuilder("nnunetLike");
  const context: LayerContext = { b, initialize: heNormal(seed), padding: "zero" };
  const x = b.input("x", ["batch", inputs, "depth", "height", "width"]);
  const strides = [
    [1, 2, 2],
    [2, 2, 2],
  ];
  const block = (name: string, value: Value, out: number, stride?: readonly number[]) =>
    b.scope(name, () => {
      const c = stride ? strided(context, value, out, stride) : conv(context, "conv", value, out);
      return leakyRelu(context, instanceNorm(context, "norm", c), 0.01);
    });
  const skips: Value[] = [block("down0", x, features)];
  strides.forEach((stride, n) => {
    skips.push(block(`down${n + 1}`, skips[n]!, features * 2 ** (n + 1), stride));
  });
  let f = skips.pop()!;
  for (let n = strides.length - 1; n >= 0; n--) {
    const skip = skips.pop()!;
    f = b.scope(`up${n}`, () => {
      const out = features * 2 ** n;
      const weights = { type: "float32" as const, shape: [f.shape[1] as number, out, ...strides[n]!], data: new Float32Array(0) };
      const filled = { ...weights, data: normal(weights.shape, seed + n).data.map((v) => v / 4) };
      const bias = { type: "float32" as const, shape: [out], data: normal([out], seed + 10 + n).data };
      return b.node(
        "ConvTranspose",
        [f, b.parameter("w", filled), b.parameter("b", bias)],
        { strides: { ints: strides[n]! } },
        "up",
      );
    });
    f = block(`join${n}`, concat(context, fitted(b, f, skip), skip), features * 2 ** n);
  }
  return b.finish({ y: conv(context, "out", f, classes, { kernel: 1 }) });
}

function strided(context: LayerContext, x: Value, out: number, stride: readonly number[]): Value {
  const { b } = context;
  const shape = [out, x.shape[1] as number, 3, 3, 3];
  const data = new Float32Array(shape.reduce((p, n) => p * n, 1));
  context.initialize(data, { kind: "weight", fanIn: data.length / out, fanOut: out * 27 });
  const w = b.parameter("weight", { type: "float32", shape, data });
  return b.node("Conv", [x, w], { strides: { ints: [...stride] }, pads: { ints: [1, 1, 1, 1, 1, 1] } }, "conv");
}

/** A Reshape to the sizes of the skip: what an exporter leaves to the runtime, the shape rules want to be told. */
function fitted(b: ReturnType<typeof graphBuilder>, x: Value, skip: Value): Value {
  const same = (a: Dim, c: Dim) => a === c;
  if (x.shape.slice(2).every((size, axis) => same(size, skip.shape[axis + 2]!))) return x;
  const space = b.node("Shape", [skip], { start: { int: 2 }, end: { int: 5 } });
  const front = b.node("Shape", [x], { start: { int: 0 }, end: { int: 2 } });
  return b.node("Reshape", [x, b.node("Concat", [front, space], { axis: { int: 0 } })]);
}
