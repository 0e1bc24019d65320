import fc from "fast-check";
import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../../src/model/graph/builder.js";
import { encodeGraph } from "../../../src/model/graph/encode.js";
import { parameterCount, type Value } from "../../../src/model/graph/graph.js";
import { inspectModel } from "../../../src/model/inspectModel.js";

const weights = (shape: readonly number[], from = 0) => {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  return { type: "float32" as const, shape, data: data.map((_, i) => Math.sin(from + i)) };
};

const run = async (bytes: Uint8Array, feeds: Record<string, { dims: readonly number[]; data: Float32Array }>) => {
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ["cpu"] });
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, { dims, data }]) => [name, new ort.Tensor("float32", data, dims)]),
  );
  const outputs = await session.run(tensors);
  await session.release();
  return outputs;
};

const patch = (...dims: number[]) => ({
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.cos(i)),
});

describe("graph", () => {
  test("a small network: inferred shapes are those that the runtime gives, at every size", async () => {
    const b = graphBuilder("small");
    const x = b.input("x", ["batch", 2, "depth", "height", "width"]);
    const padded = b.node("Pad", [x, b.constant("pads", [0, 0, 2, 2, 2, 0, 0, 2, 2, 2])], { mode: { string: "edge" } });
    const down = b.node("Conv", [padded, b.parameter("w", weights([4, 2, 5, 5, 5]))], { strides: { ints: [2, 2, 2] } });
    const up = b.node(
      "Resize",
      [down, undefined, undefined, b.node("Concat", [sizeOf(b, down, 0, 2), sizeOf(b, x, 2, 5)], { axis: { int: 0 } })],
      {
        mode: { string: "linear" },
        coordinate_transformation_mode: { string: "half_pixel" },
      },
    );
    const joined = b.node("Concat", [x, up], { axis: { int: 1 } });
    const graph = b.finish({ y: b.node("Sigmoid", [joined]), down });
    expect(down.shape.slice(0, 2)).toEqual(["batch", 4]);
    expect(joined.shape).toEqual(["batch", 6, "depth", "height", "width"]);
    expect(parameterCount(graph)).toBe(4 * 2 * 125);

    const bytes = encodeGraph(graph);
    expect(inspectModel(bytes)).toMatchObject({
      inputs: [{ name: "x", elementType: "float32", dims: ["batch", 2, "depth", "height", "width"] }],
      opset: { "": 21 },
      irVersion: 10,
    });
    for (const [batch, size] of [
      [1, [4, 6, 9]],
      [2, [5, 5, 7]],
    ] as const) {
      const { y, down: low } = await run(bytes, { x: patch(batch, 2, ...size) });
      expect(y!.dims).toEqual([batch, 6, ...size]);
      expect(low!.dims).toEqual([batch, 4, ...size.map((n) => Math.floor((n - 1) / 2) + 1)]);
    }
  });

  test("shape rules agree with the runtime over random windows", () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          size: fc.integer({ min: 4, max: 9 }),
          kernel: fc.integer({ min: 1, max: 4 }),
          stride: fc.integer({ min: 1, max: 3 }),
          pad: fc.integer({ min: 0, max: 1 }),
        }),
        async ({ size, kernel, stride, pad }) => {
          fc.pre(pad < kernel);
          const b = graphBuilder("window");
          const x = b.input("x", [1, 2, size, size]);
          const attributes = { strides: { ints: [stride, stride] }, pads: { ints: [pad, pad, pad, pad] } };
          const conv = b.node("Conv", [x, b.parameter("w", weights([3, 2, kernel, kernel]))], attributes);
          const back = b.node("ConvTranspose", [conv, b.parameter("v", weights([3, 2, kernel, kernel]))], attributes);
          const pooled = b.node("MaxPool", [x], { ...attributes, kernel_shape: { ints: [kernel, kernel] } });
          fc.pre((back.shape[2] as number) > 0);
          const outputs = await run(encodeGraph(b.finish({ conv_y: conv, back_y: back, pooled_y: pooled })), {
            x: patch(1, 2, size, size),
          });
          expect(outputs["conv_y"]!.dims).toEqual(conv.shape);
          expect(outputs["back_y"]!.dims).toEqual(back.shape);
          expect(outputs["pooled_y"]!.dims).toEqual(pooled.shape);
        },
      ),
      { numRuns: 30 },
    ));

  test("shape rules agree with the runtime where padding is left to it", async () => {
    const b = graphBuilder("automatic");
    const x = b.input("x", [1, 2, 7, 8]);
    const w = b.parameter("w", weights([2, 2, 3, 2]));
    const values: Record<string, Value> = { flat: b.node("Flatten", [x], { axis: { int: 2 } }) };
    for (const [n, mode] of ["SAME_UPPER", "SAME_LOWER", "VALID"].entries()) {
      const attributes = { strides: { ints: [2, 3] }, auto_pad: { string: mode } };
      values[`conv${n}`] = b.node("Conv", [x, w], attributes);
      values[`up${n}`] = b.node("ConvTranspose", [x, w], attributes);
      values[`pooled${n}`] = b.node("MaxPool", [x], { ...attributes, kernel_shape: { ints: [3, 2] } });
    }
    values["given"] = b.node("ConvTranspose", [x, w], { strides: { ints: [2, 3] }, output_shape: { ints: [14, 22] } });
    const graph = b.finish(Object.fromEntries(Object.entries(values).map(([name, value]) => [`${name}_y`, value])));
    const outputs = await run(encodeGraph(graph), { x: patch(1, 2, 7, 8) });
    for (const [name, value] of Object.entries(values)) expect(outputs[`${name}_y`]!.dims, name).toEqual(value.shape);
  });

  test("layout operators: inferred shapes are those of the runtime", async () => {
    const b = graphBuilder("layout");
    const x = b.input("x", [2, 3, 4]);
    const values: Record<string, Value> = {
      sliced: b.node("Slice", [
        x,
        b.constant("s", [1, -1]),
        b.constant("e", [9, -5]),
        b.constant("a", [1, 2]),
        b.constant("t", [1, -2]),
      ]),
      reshaped: b.node("Reshape", [x, b.constant("r", [0, -1, 2])]),
      transposed: b.node("Transpose", [x], { perm: { ints: [2, 0, 1] } }),
      unsqueezed: b.node("Unsqueeze", [x, b.constant("u", [0, -1])]),
      expanded: b.node("Expand", [x, b.constant("n", [5, 1, 3, 4])]),
      mean: b.node("ReduceMean", [x, b.constant("m", [1])], { keepdims: { int: 0 } }),
      product: b.node("MatMul", [x, b.node("Transpose", [x], { perm: { ints: [0, 2, 1] } })]),
      cast: b.node("Cast", [b.node("ArgMax", [x], { axis: { int: 2 } })], { to: { int: 1 } }),
    };
    const graph = b.finish(Object.fromEntries(Object.entries(values).map(([name, value]) => [`${name}_y`, value])));
    const outputs = await run(encodeGraph(graph), { x: patch(2, 3, 4) });
    for (const [name, value] of Object.entries(values)) expect(outputs[`${name}_y`]!.dims, name).toEqual(value.shape);
  });

  test("mistakes are told with the node's name", () => {
    const b = graphBuilder("wrong");
    const x = b.input("x", ["batch", 2, 8, 8, 8]);
    const w = b.parameter("w", weights([4, 3, 3, 3, 3]));
    b.scope("encoder", () => {
      expect(() => b.node("Conv", [x, w], {}, "stem")).toThrowError(/encoder\.stem \(Conv\): the input has 2 channels.*want 3/);
    });
    expect(() => b.node("Add", [x, b.constant("c", weights([3]))])).toThrowError(/do not broadcast/);
    expect(() => b.node("Concat", [x, b.node("Relu", [w])], { axis: { int: 1 } })).toThrowError(/differ beside axis 1/);
    expect(() => b.node("Frobnicate", [x])).toThrowError(/not known to the builder/);
    expect(() => b.node("Reshape", [w, b.constant("r", [5, -1])])).toThrowError(/can't be reshaped/);
    expect(() => b.node("Relu", [graphBuilder("other").input("x", [1])])).toThrowError(/not a value of this graph/);
    expect(() => b.parameter("p", { type: "float32", shape: [3], data: new Float32Array(2) })).toThrowError(/2 elements/);
    expect(() => b.input("x", [1])).toThrowError(/already has a value called x/);
  });
});

function sizeOf(b: ReturnType<typeof graphBuilder>, value: Value, start: number, end: number): Value {
  return b.node("Shape", [value], { start: { int: start }, end: { int: end } });
}
