import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isGadoliniteError } from "../../../src/core/errors.js";
import { conditionalUnet3d } from "../../../src/model/conditionalUnet3d.js";
import { conesDiscriminator } from "../../../src/model/conesDiscriminator.js";
import { conesGenerator } from "../../../src/model/conesGenerator.js";
import { graphBuilder } from "../../../src/model/graph/builder.js";
import { decodeGraph } from "../../../src/model/graph/decode.js";
import { encodeGraph } from "../../../src/model/graph/encode.js";
import { type Graph, parameterCount } from "../../../src/model/graph/graph.js";
import { residualUnet3d } from "../../../src/model/residualUnet3d.js";
import { unet2d, unet25d } from "../../../src/model/unet2d.js";
import { verifiedBytes } from "../../../src/model/verifiedBytes.js";
import { halfWeights } from "../../../src/model/weights.js";
import { golden } from "../../support/golden.js";
import { runOnnx } from "../runGraph.js";
import { bytesOf, int, message, type TinyModel, tinyOnnx, varint } from "../tinyOnnx.js";

const small = (): Graph => {
  const b = graphBuilder("small");
  const x = b.input("x", ["batch", 1, "width"]);
  const w = b.parameter("w", { type: "float32", shape: [2, 1, 3], data: Float32Array.of(1, -2, 3, 4, 5, 0.1) });
  const y = b.node("Conv", [x, w], { pads: { ints: [1, 1] } });
  return b.finish({
    y: b.node("LeakyRelu", [y], { alpha: { float: 0.2 } }),
    size: b.node("Shape", [y], { start: { int: -1 }, end: { int: 3 } }),
  });
};

const networks: readonly (readonly [string, Graph])[] = [
  ["small", small()],
  ["conditionalUnet3d", conditionalUnet3d({ seed: 1, features: 1, scales: 2, embedding: 2 })],
  ["residualUnet3d", residualUnet3d({ seed: 2, features: 2, convolutions: [1, 2] })],
  ["residualUnet3d, fixed", residualUnet3d({ seed: 2, features: 2, convolutions: [1, 2], batch: 1, patch: [4, 6, 8] })],
  ["unet25d", unet25d({ seed: 3, features: [2, 3] })],
  ["unet2d", unet2d({ seed: 4, features: [2, 3] })],
  ["conesGenerator", conesGenerator({ seed: 5, blocks: [1, 2], features: 2, pyramid: 3, width: 4, shifts: true })],
  ["conesDiscriminator", conesDiscriminator({ seed: 6, features: 2, featureMaps: true })],
  ["half", halfWeights(unet2d({ seed: 4, features: [2, 3] }))],
  ["no parameters", noParameters()],
];

function noParameters(): Graph {
  const b = graphBuilder("none");
  const one = b.constant("one", { type: "float32", shape: [], data: Float32Array.of(1) });
  return b.finish({ y: b.node("Add", [b.input("x", [2]), one]) });
}

describe("decodeGraph", () => {
  test.each(networks)("law: decode ∘ encode = id (%s)", (_, graph) => {
    const bytes = encodeGraph(graph);
    const decoded = decodeGraph(bytes);
    expect(decoded).toEqual(graph);
    expect(encodeGraph(decoded)).toEqual(bytes);
    expect(parameterCount(decoded)).toBe(parameterCount(graph));
  });

  test("law: any attribute and any initializer comes back", () => {
    const attribute = fc.oneof(
      fc.record({ int: fc.maxSafeInteger() }),
      fc.record({ ints: fc.array(fc.maxSafeInteger()) }),
      fc.record({ float: fc.float({ noNaN: true }) }),
      fc.record({ floats: fc.array(fc.float({ noNaN: true })) }),
      fc.record({ string: fc.string({ unit: "grapheme" }) }),
    );
    const initializer = fc.oneof(
      fc.array(fc.float()).map((v) => ({ type: "float32" as const, shape: [v.length], data: Float32Array.from(v) })),
      fc.array(fc.double()).map((v) => ({ type: "float64" as const, shape: [1, v.length], data: Float64Array.from(v) })),
      fc
        .array(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n))
        .map((v) => ({ type: "int64" as const, shape: [v.length], data: BigInt64Array.from(v) })),
      fc.integer().map((v) => ({ type: "int32" as const, shape: [], data: Int32Array.of(v) })),
      fc.array(fc.nat(1)).map((v) => ({ type: "bool" as const, shape: [v.length], data: Uint8Array.from(v) })),
      fc.array(fc.nat(65535)).map((v) => ({ type: "float16" as const, shape: [v.length], data: Uint16Array.from(v) })),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), attribute), initializer, (attributes, tensor) => {
        const b = graphBuilder("any");
        const graph = b.finish({ y: b.node("Relu", [b.parameter("p", tensor)], attributes) });
        expect(decodeGraph(encodeGraph(graph))).toEqual(graph);
      }),
    );
  });

  test("reads what PyTorch exports, and writes what computes the same", async () => {
    const { sha256, input, output } = golden<{ sha256: string; input: Float32Array; output: Float32Array }>(
      "model/pytorch-small",
    );
    const bytes = readFileSync(new URL("../../golden/model/pytorch-small.onnx", import.meta.url));
    await verifiedBytes(bytes, sha256);
    const graph = decodeGraph(bytes);
    expect(graph.inputs).toEqual([{ name: "x", type: "float32", shape: ["batch", 2, "k", "j", "i"] }]);
    expect(graph.outputs[0]!.shape).toEqual(["batch", 1, "k", "j", "i"]);
    expect(graph.parameters).toEqual(["first", "down", "up", "last"].flatMap((name) => [`${name}.weight`, `${name}.bias`]));
    for (const model of [bytes, encodeGraph(graph)]) {
      const { y } = await runOnnx(model, { x: { dims: [1, 2, 4, 6, 8], data: input } });
      expect(y!.dims).toEqual([1, 1, 4, 6, 8]);
      // A few dozen float32 products of order 1, summed in another order.
      for (const [n, value] of y!.data.entries()) expect(Math.abs(value - output[n]!)).toBeLessThan(2e-6);
    }
  });

  test("reads numbers that are stored one by one, packed or not", () => {
    const float = (value: number) => new Uint8Array(Float32Array.of(value).buffer);
    const tensor = (name: string, code: number, size: number, ...fields: readonly Uint8Array[]) =>
      message(5, int(1, size), int(2, code), message(8, name), ...fields);
    const model = withTensors(
      tensor("packed", 1, 2, message(4, float(1.5), float(-2))),
      tensor("single", 1, 2, bytesOf(varint(4 * 8 + 5), float(1.5)), bytesOf(varint(4 * 8 + 5), float(-2))),
      tensor("doubles", 11, 1, message(10, new Uint8Array(Float64Array.of(0.1).buffer))),
      tensor("longs", 7, 3, message(7, bytesOf(varint(-1), varint(2 ** 40))), int(7, 3)),
      tensor("ints", 6, 2, message(5, bytesOf(varint(-7), varint(7)))),
      tensor("halves", 10, 1, int(5, 0x3c00)),
      message(5, int(2, 1), message(8, "scalar"), message(9, float(3))),
    );
    const { initializers } = decodeGraph(model);
    const data = (name: string) => [...initializers.get(name)!.data];
    expect(data("packed")).toEqual([1.5, -2]);
    expect(data("single")).toEqual([1.5, -2]);
    expect(data("doubles")).toEqual([0.1]);
    expect(data("longs")).toEqual([-1n, 2n ** 40n, 3n]);
    expect(data("ints")).toEqual([-7, 7]);
    expect(data("halves")).toEqual([0x3c00]);
    expect(initializers.get("scalar")).toEqual({ type: "float32", shape: [], data: Float32Array.of(3) });
  });

  test("takes weights of another file only from the bytes that it is given", async () => {
    const entry = (key: string, value: string) => message(13, message(1, key), message(2, value));
    const model = (...entries: readonly Uint8Array[]) =>
      withTensors(message(5, int(1, 2), int(2, 1), message(8, "w"), int(14, 1), entry("location", "../weights.bin"), ...entries));
    const file = new Uint8Array(Float32Array.of(9, 1, 2).buffer);
    const externalData = { "../weights.bin": file };
    const decoded = decodeGraph(model(entry("offset", "4"), entry("length", "8")), { externalData });
    expect([...decoded.initializers.get("w")!.data]).toEqual([1, 2]);
    expect([...decodeGraph(model(entry("offset", "4")), { externalData }).initializers.get("w")!.data]).toEqual([1, 2]);

    expect(() => decodeGraph(model())).toThrowError(/"\.\.\/weights\.bin", which was not given/);
    for (const [offset, length] of [
      ["8", "8"],
      ["-4", "8"],
      ["4e0", "8"],
      ["0", "12"],
      ["99", "0"],
    ] as const)
      expect(
        refusalOf(() => decodeGraph(model(entry("offset", offset), entry("length", length)), { externalData })),
        `${offset} ${length}`,
      ).toBe("bad-model");
    expect(
      refusalOf(() => decodeGraph(model(message(13, message(1, "location"), message(2, "toString"))), { externalData })),
    ).toBe("bad-model");

    const sha256 = createHash("sha256").update(file).digest("hex");
    expect(await verifiedBytes(file, sha256.toUpperCase())).toBe(file);
    await expect(verifiedBytes(file.subarray(1), sha256)).rejects.toMatchObject({ code: "bad-model" });
    await expect(verifiedBytes(file, "abc")).rejects.toMatchObject({ code: "out-of-range" });
  });

  test("says what it can't read", () => {
    const io = { inputs: [{ name: "x", dims: [2, 3] }], outputs: [{ name: "y", dims: [2, 3] }] };
    const refused = (model: Partial<TinyModel>) => () =>
      decodeGraph(tinyOnnx({ ...io, nodes: [{ op: "Relu", inputs: ["x"], outputs: ["y"] }], ...model }));
    const node = (op: string, inputs = ["x"], outputs = ["y"], attributes = {}) => ({
      nodes: [{ op, inputs, outputs, attributes }],
    });
    expect(refused({})).not.toThrow();
    expect(refused(node("LSTM"))).toThrowError(/has the operator LSTM/);
    expect(refused(node("constructor"))).toThrowError(/has the operator constructor/);
    expect(refused({ opset: 9 })).toThrowError(/operator set 9; known are 13 to 21/);
    expect(refused(node("Relu", ["z"]))).toThrowError(/its input z is made by no node before it/);
    expect(refused(node("Relu", ["x"], ["x"]))).toThrowError(/two values are called "x"/);
    expect(refused(node("Relu", ["x"], ["z"]))).toThrowError(/output y is made by no node/);
    expect(refused(node("MaxPool", ["x"], ["y", "indices"], { kernel_shape: [] }))).toThrowError(/a second output/);
    expect(refused(node("Concat", []))).toThrowError(/\(Concat\): its inputs do not fit it/);
    expect(refused({ initializers: { w: { dims: [3], data: Float32Array.of(1, 2) } } })).toThrowError(
      /w should have 12 bytes, but has 8/,
    );
  });

  test("names that would double at each node, and ranks, end early", () => {
    const chain = (node: (from: string, to: string) => TinyModel["nodes"][number], dims: readonly (number | string)[]) =>
      tinyOnnx({
        inputs: [
          { name: "v0", dims },
          { name: "i", dims: [1, 1, 1], type: 7 },
        ],
        outputs: [{ name: "v64", dims: [1] }],
        nodes: Array.from({ length: 64 }, (_, n) => node(`v${n}`, `v${n + 1}`)),
      });
    const doubled = chain(
      (from, to) => ({ op: "Concat", inputs: [from, from], outputs: [to], attributes: { axis: 0 } }),
      ["a", 1],
    );
    const numbers = chain(
      (from, to) => ({ op: "Concat", inputs: [from, from], outputs: [to], attributes: { axis: 0 } }),
      [2 ** 40, 1],
    );
    const ranked = chain((from, to) => ({ op: "Gather", inputs: [from, from], outputs: [to] }), [1, 1, 1]);
    const divided = chain(
      (from, to) => ({ op: "MaxPool", inputs: [from], outputs: [to], attributes: { kernel_shape: [2], strides: [0] } }),
      [1, 1, 64],
    );
    for (const bytes of [doubled, numbers, ranked, divided]) expect(refusalOf(() => decodeGraph(bytes))).toBe("bad-model");
  });

  test("law: any cut or flipped byte is refused, or read as some graph", () => {
    const bytes = encodeGraph(small());
    const change = fc.oneof(
      fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length)),
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }).map((flips) => {
        const changed = bytes.slice();
        for (const [at, value] of flips) changed[at] = value;
        return changed;
      }),
      fc.uint8Array({ maxLength: 60 }),
    );
    fc.assert(
      fc.property(change, (damaged) => {
        expect(["read", "bad-model", "unsupported"]).toContain(refusalOf(() => decodeGraph(damaged)));
      }),
      { numRuns: 1000 },
    );
  });
});

/** A model of one Relu, with these initializers as they are written. */
function withTensors(...tensors: readonly Uint8Array[]): Uint8Array {
  const value = (field: number, name: string) =>
    message(field, message(1, name), message(2, message(1, int(1, 1), message(2, message(1, int(1, 2))))));
  const node = message(1, message(1, "x"), message(2, "y"), message(4, "Relu"));
  return bytesOf(
    int(1, 8),
    message(7, node, message(2, "t"), ...tensors, value(11, "x"), value(12, "y")),
    message(8, int(2, 17)),
  );
}

/** The code of the error that a call throws; `"read"` if it throws none. Anything but a GadoliniteError is thrown on. */
function refusalOf(call: () => unknown): string {
  try {
    call();
    return "read";
  } catch (error) {
    if (!isGadoliniteError(error)) throw error;
    return error.code;
  }
}
