import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../../src/model/graph/builder.js";
import { decodeGraph } from "../../../src/model/graph/decode.js";
import { encodeGraph } from "../../../src/model/graph/encode.js";
import type { Graph } from "../../../src/model/graph/graph.js";
import { valuesAt } from "../../../src/model/graph/peakBytes.js";
import { portable } from "../../../src/model/portable.js";
import { weightsOf, withWeights } from "../../../src/model/weights.js";
import { absent } from "../../backend/runtime.js";
import { golden } from "../../support/golden.js";
import { maxAbsDifference } from "../../support/oracles.js";
import { runOnnx } from "../runGraph.js";

const file = (name: string) => readFileSync(new URL(`../../golden/model/dynamic-${name}.onnx`, import.meta.url));

interface Golden {
  readonly inputs: readonly (Float64Array & { shape?: readonly number[] })[];
  readonly outputs: readonly Float64Array[];
}
const SIZES = [
  [2, 1, 6, 4, 8],
  [1, 1, 8, 12, 10],
] as const;

const operators = ({ nodes }: Graph) => new Set(nodes.map(({ operator }) => operator));

describe("models whose sizes are computed when they run", () => {
  test.each([
    ["scaled", "Resize", ["batch", 1, "((((k - 1) // 2) + 1) * 2)", "((((j - 1) // 2) + 1) * 2)", "((((i - 1) // 2) + 1) * 2)"]],
    ["fitted", "MatMul", ["batch", 1, "k", "j", "i"]],
    ["shuffled", "InstanceNormalization", ["batch", 1, "k", "j", "i"]],
  ] as const)("%s: read, with names for the sizes, and they compute what PyTorch does", async (name, operator, shape) => {
    const graph = decodeGraph(file(name));
    expect(operators(graph)).toContain(operator);
    expect(graph.outputs[0]!.shape).toEqual(shape);
    const { inputs, outputs } = golden<Golden>(`model/dynamic-${name}`);
    for (const [n, dims] of SIZES.entries()) {
      const sizes = valuesAt(graph, { x: dims });
      expect(sizes.get("y")!.shape).toEqual(dims);
      if (absent) continue;
      const x = { dims, data: Float32Array.from(inputs[n]!) };
      for (const bytes of [encodeGraph(graph), encodeGraph(portable(graph).graph)]) {
        const { y } = await runOnnx(bytes, { x });
        expect(y!.dims).toEqual(dims);
        // Sums of at most 108 products of size 1 in another order.
        expect(maxAbsDifference(y!, { data: outputs[n]! })).toBeLessThan(1e-5);
      }
    }
  });

  test("the sizes at each node are those of the run", async () => {
    for (const name of ["scaled", "fitted", "shuffled"]) {
      const graph = decodeGraph(file(name));
      const real = graph.nodes.map(({ outputs }) => outputs[0]!).filter((value) => graph.values.get(value)!.type === "float32");
      const all: Graph = { ...graph, outputs: real.map((value) => graph.values.get(value)!) };
      if (absent) return;
      const outputs = await runOnnx(encodeGraph(all), { x: { dims: SIZES[1], data: new Float32Array(960).fill(0.5) } });
      const sizes = valuesAt(graph, { x: SIZES[1] });
      for (const value of real) expect([value, ...sizes.get(value)!.shape]).toEqual([value, ...outputs[value]!.dims]);
    }
  });

  test("what can't be followed is unsupported, and says which node", () => {
    expect(() => decodeGraph(file("padded"))).toThrow(
      expect.objectContaining({ code: "unsupported", message: expect.stringMatching(/ConstantOfShape.*can still be run/) }),
    );
    const b = graphBuilder("open");
    const x = b.input("x", ["n", 2, "i"]);
    const sizes = b.input("sizes", [3], "int64");
    // The rank is known, and nothing else.
    const y = b.node("Reshape", [x, sizes], {}, "view");
    expect(y.shape).toEqual(["?view[0]", "?view[1]", "?view[2]"]);
    const graph = b.finish({ y: b.node("Add", [y, b.node("Relu", [x])]) });
    expect(graph.outputs[0]!.shape).toEqual(["n", 2, "i"]);
    expect(decodeGraph(encodeGraph(graph))).toEqual(graph);
    expect(() => valuesAt(graph, { x: [1, 2, 3], sizes: [3] })).toThrow(
      expect.objectContaining({ code: "unsupported", message: expect.stringMatching(/Node view \(Reshape\).*beforehand/) }),
    );
    const rankless = graphBuilder("rankless");
    expect(() =>
      rankless.node("Reshape", [rankless.input("x", [4]), rankless.input("s", ["rank"], "int64")], {}, "view"),
    ).toThrow(
      expect.objectContaining({
        code: "unsupported",
        message: expect.stringMatching(/Node view \(Reshape\): the length of input 1/),
      }),
    );
    expect(() => rankless.node("Conv", [rankless.input("i", [1, 1, 4]), rankless.input("w", [1, 1, "k"])], {}, "it")).toThrow(
      expect.objectContaining({
        code: "unsupported",
        message: expect.stringMatching(/Node it \(Conv\): its weights are \[1, 1, k\]/),
      }),
    );
  });

  test("arithmetic on sizes, by example", () => {
    const b = graphBuilder("sizes");
    const x = b.input("x", ["n", 6, "i"]);
    const shape = b.node("Shape", [x]);
    const list = (...numbers: number[]) => b.constant("c", numbers);
    const content = (operator: string, ...others: number[]) => b.node(operator, [shape, list(...others)], {}, "op").content;
    expect(content("Add", 1)).toEqual(["(n + 1)", 7, "(i + 1)"]);
    expect(content("Sub", 0, 1, 2)).toEqual(["n", 5, "(i - 2)"]);
    expect(content("Mul", 2)).toEqual(["(n * 2)", 12, "(i * 2)"]);
    // Integers are cut off.
    expect(content("Div", 4)).toEqual(["(n // 4)", 1, "(i // 4)"]);
    expect(content("Max", 4)).toEqual(["?op_4[0]", 6, "?op_4[2]"]);
    expect(content("Mul", 0.5 * 0)).toEqual(["?op_5[0]", 0, "?op_5[2]"]);
    expect(b.node("Mul", [shape, shape]).content).toEqual(["(n * n)", 36, "(i * i)"]);
    expect(b.node("Sub", [shape, shape]).content).toEqual([0, 0, 0]);
    const real = b.node("Cast", [shape], { to: { int: 1 } });
    const factor = (value: number) => b.constant("f", { type: "float32", shape: [], data: Float32Array.of(value) });
    const whole = (value: number) =>
      b.node("Cast", [b.node("Floor", [b.node("Mul", [real, factor(value)])])], { to: { int: 7 } }, "whole").content;
    expect(whole(2)).toEqual(["(n * 2)", 12, "(i * 2)"]);
    expect(whole(1.5)).toEqual(["?whole_1[0]", 9, "?whole_1[2]"]);
    // What training changes is no factor.
    const parameter = b.parameter("p", { type: "float32", shape: [], data: Float32Array.of(2) });
    expect(b.node("Mul", [real, parameter]).content).toBeUndefined();
    // Names don't grow without end.
    let grown = shape;
    for (let n = 0; n < 40; n++) grown = b.node("Mul", [grown, grown]);
    expect(grown.content!.every((dim) => typeof dim === "number" || dim.length < 300)).toBe(true);
  });

  test("other weights of a model of another program are other factors", () => {
    const graph = decodeGraph(file("scaled"));
    const scales = graph.nodes.find(({ operator, inputs }) => operator === "Resize" && inputs[2])!.inputs[2]!;
    expect(graph.values.get(scales)!.content).toEqual([1, 1, 2, 2, 2]);
    const tensors = new Map(weightsOf(graph));
    tensors.set(scales, { dtype: "float32", shape: [5], data: Float32Array.of(1, 1, 3, 3, 3) });
    expect(withWeights(graph, tensors).values.get(scales)!.content).toEqual([1, 1, 3, 3, 3]);
  });
});
