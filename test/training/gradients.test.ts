import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type GraphBuilder, graphBuilder } from "../../src/model/graph/builder.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import type { Attributes, Graph, Value } from "../../src/model/graph/graph.js";
import { operators } from "../../src/model/graph/operators/table.js";
import { gradients } from "../../src/training/gradients/table.js";
import { differentiate, gradientName } from "../../src/training/index.js";
import { runOnnx } from "../model/runGraph.js";
import { type Array64, evaluate } from "./evaluate.js";

/** Numbers of either sign, none closer to another or to 0 than the steps of the differences. */
const numbers = (length: number, salt: number): Float32Array => {
  const order = Array.from({ length }, (_, n) => n).sort((a, b) => Math.sin(salt + 7 * a * a) - Math.sin(salt + 7 * b * b));
  return Float32Array.from(order, (n) => ((n + 0.37 + 0.05 * salt) / length - 0.5) * 3.1);
};

type Build = (b: GraphBuilder, ...x: readonly Value[]) => Value;

interface Rule {
  readonly shapes: readonly (readonly number[])[];
  readonly build: Build;
  /** Numbers above 0 only, where the operator wants them. */
  readonly positive?: boolean;
}

/** loss = Σ c · f(parameters), with weights c that differ from voxel to voxel. */
function lossOf({ shapes, build, positive = false }: Rule): Graph {
  const b = graphBuilder("rule");
  const parameters = shapes.map((shape, n) => {
    const data = numbers(
      shape.reduce((a, v) => a * v, 1),
      n + 1,
    );
    return b.parameter(`p${n}`, { type: "float32", shape, data: positive ? data.map((v) => Math.abs(v) + 0.3) : data });
  });
  const y = build(b, ...parameters);
  const shape = y.shape as readonly number[];
  const weights = numbers(
    shape.reduce((a, v) => a * v, 1),
    0.5,
  );
  const weighted = b.node("Mul", [y, b.constant("c", { type: "float32", shape, data: weights })]);
  return b.finish({ loss: b.node("ReduceSum", [weighted], { keepdims: { int: 0 } }) });
}

function numerical(graph: Graph, name: string): Float64Array {
  const { shape, data } = graph.initializers.get(name)!;
  const lossAt = (values: Float64Array) => evaluate(graph, { [name]: { shape, data: values } }).get("loss")!.data[0]!;
  const step = 1e-5;
  return Float64Array.from({ length: data.length }, (_, n) => {
    const values = Float64Array.from(data as Float32Array);
    const [before, after] = [values.with(n, values[n]! - step), values.with(n, values[n]! + step)];
    return (lossAt(after) - lossAt(before)) / (2 * step);
  });
}

const largest = (values: ArrayLike<number>) => Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) => largest(Array.from(a, (v, n) => v - b[n]!));

/** The backward pass, evaluated in float64, against differences of the forward pass; its numbers by parameter. */
function checkInFloat64(graph: Graph): ReadonlyMap<string, Array64> {
  const values = evaluate(differentiate(graph), {});
  return new Map(
    graph.parameters.map((name) => {
      const found = values.get(gradientName(name))!;
      const expected = numerical(graph, name);
      expect(found.shape).toEqual(graph.initializers.get(name)!.shape);
      // Differences of a step of 1e-5 are good to 1e-9 or so; the maps' constants are float32.
      expect(furthest(found.data, expected)).toBeLessThan(1e-6 * Math.max(1, largest(expected)));
      return [name, found];
    }),
  );
}

const op =
  (operator: string, attributes: Attributes = {}): Build =>
  (b, ...x) =>
    b.node(operator, x, attributes);

const ints = (values: readonly number[]) => ({ ints: values });
const one = (operator: string, attributes: Attributes = {}, positive = false): Rule => ({
  shapes: [[2, 3, 4]],
  build: op(operator, attributes),
  positive,
});
const listed =
  (operator: string, lists: readonly (readonly number[])[], attributes: Attributes = {}): Build =>
  (b, x) =>
    b.node(operator, [x, ...lists.map((list) => b.constant("list", list))], attributes);
const real = (b: GraphBuilder, value: number) => b.constant("r", { type: "float32", shape: [], data: Float32Array.of(value) });
const resized =
  (sizes: readonly number[], mode: "linear" | "nearest"): Build =>
  (b, x) =>
    b.node("Resize", [x, undefined, undefined, b.constant("sizes", sizes)], {
      mode: { string: mode },
      coordinate_transformation_mode: { string: mode === "linear" ? "half_pixel" : "asymmetric" },
      nearest_mode: { string: "floor" },
    });

const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    [
      "Identity",
      "Neg",
      "Abs",
      "Exp",
      "Erf",
      "Sin",
      "Cos",
      "Asinh",
      "Relu",
      "LeakyRelu",
      "Elu",
      "Sigmoid",
      "Tanh",
      "Softplus",
    ].map((name) => [name, one(name)]),
  ),
  ...Object.fromEntries(["Log", "Sqrt", "Reciprocal"].map((name) => [name, one(name, {}, true)])),
  "Sign, Floor and Ceil are flat": {
    shapes: [[5]],
    build: (b, x) => b.node("Add", [b.node("Sign", [x]), b.node("Add", [b.node("Floor", [x]), b.node("Ceil", [x])])]),
  },
  "LeakyRelu, its slope": one("LeakyRelu", { alpha: { float: 0.3 } }),
  "Elu, its alpha": one("Elu", { alpha: { float: 0.7 } }),
  PRelu: {
    shapes: [
      [2, 3, 4],
      [3, 1],
    ],
    build: op("PRelu"),
  },
  Clip: { shapes: [[4, 5]], build: (b, x) => b.node("Clip", [x, real(b, -0.5), real(b, 0.7)]) },
  "Clip, from below": { shapes: [[4, 5]], build: (b, x) => b.node("Clip", [x, real(b, -0.5)]) },
  ...Object.fromEntries(
    ["Add", "Sub", "Mul", "Min", "Max"].flatMap((name) => [
      [
        name,
        {
          shapes: [
            [2, 3],
            [2, 3],
          ],
          build: op(name),
        },
      ],
      [
        `${name}, broadcast`,
        {
          shapes: [
            [2, 1, 4],
            [3, 1],
          ],
          build: op(name),
        },
      ],
    ]),
  ),
  Div: {
    shapes: [
      [2, 3, 4],
      [3, 1],
    ],
    build: op("Div"),
    positive: true,
  },
  Pow: {
    shapes: [
      [2, 3],
      [2, 3],
    ],
    build: op("Pow"),
    positive: true,
  },
  "Pow, a square": { shapes: [[2, 3]], build: (b, x) => b.node("Pow", [x, real(b, 2)]) },
  "Pow, a cube": { shapes: [[2, 3]], build: (b, x) => b.node("Pow", [x, real(b, 3)]) },
  Where: {
    shapes: [
      [2, 3, 4],
      [3, 1],
    ],
    build: (b, x, y) => b.node("Where", [b.node("Greater", [x, real(b, 0.2)]), x, y]),
  },
  "SiLU, as a product": { shapes: [[3, 4]], build: (b, x) => b.node("Mul", [x, b.node("Sigmoid", [x])]) },
  "SiLU, the other way round": { shapes: [[3, 4]], build: (b, x) => b.node("Mul", [b.node("Sigmoid", [x]), x]) },
  "SiLU whose sigmoid is used again": {
    shapes: [[3, 4]],
    build: (b, x) => {
      const s = b.node("Sigmoid", [x]);
      return b.node("Sub", [b.node("Mul", [x, s]), b.node("Exp", [s])]);
    },
  },
  "a value used three times": { shapes: [[5]], build: (b, x) => b.node("Mul", [b.node("Add", [x, x]), b.node("Exp", [x])]) },
  ...Object.fromEntries(
    ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceL2"].flatMap((name) => [
      [name, one(name)],
      [`${name}, along axes`, { shapes: [[2, 3, 4]], build: listed(name, [[-1, 0]], { keepdims: { int: 0 } }) }],
    ]),
  ),
  Softmax: one("Softmax", { axis: { int: 1 } }),
  LogSoftmax: one("LogSoftmax"),
  MatMul: {
    shapes: [
      [2, 1, 3, 4],
      [5, 4, 2],
    ],
    build: op("MatMul"),
  },
  ...Object.fromEntries(
    [0, 1].flatMap((transA) =>
      [0, 1].map((transB) => [
        `Gemm ${transA}${transB}`,
        {
          shapes: [transA ? [3, 2] : [2, 3], transB ? [4, 3] : [3, 4], [4]],
          build: op("Gemm", { transA: { int: transA }, transB: { int: transB }, alpha: { float: 0.5 }, beta: { float: 2 } }),
        },
      ]),
    ),
  ),
  Conv: { shapes: [[1, 2, 3, 2, 4], [3, 2, 3, 3, 3], [3]], build: op("Conv", { pads: ints([1, 1, 1, 0, 0, 1]) }) },
  "Conv, stride 2, kernel 2": {
    shapes: [
      [1, 2, 5, 4, 4],
      [3, 2, 2, 2, 2],
    ],
    build: op("Conv", { strides: ints([2, 2, 2]) }),
  },
  "Conv, stride 2, kernel 1": {
    shapes: [
      [1, 2, 5, 4],
      [3, 2, 1, 1],
    ],
    build: op("Conv", { strides: ints([2, 2]) }),
  },
  "Conv, a fixed filter along an axis": {
    shapes: [[3, 1, 4, 7]],
    build: (b, x) => {
      const data = Float32Array.of(1, 4, 6, 3, 1);
      const kernel = b.constant("k", { type: "float32", shape: [1, 1, 1, 5], data });
      return b.node("Conv", [x, kernel], { strides: ints([1, 2]), pads: ints([0, 2, 0, 1]) });
    },
  },
  ConvTranspose: { shapes: [[2, 3, 3, 2], [3, 2, 2, 2], [2]], build: op("ConvTranspose", { strides: ints([2, 2]) }) },
  "ConvTranspose, overlapping": {
    shapes: [[1, 2, 3, 4], [2, 3, 3, 3], [3]],
    build: op("ConvTranspose", { strides: ints([2, 2]), pads: ints([1, 1, 1, 0]), output_padding: ints([1, 0]) }),
  },
  MaxPool: { shapes: [[2, 1, 4, 5]], build: op("MaxPool", { kernel_shape: ints([2, 2]), strides: ints([2, 2]) }) },
  AveragePool: {
    shapes: [[1, 2, 5, 6]],
    build: op("AveragePool", { kernel_shape: ints([3, 3]), strides: ints([2, 2]), pads: ints([1, 1, 1, 1]) }),
  },
  "AveragePool, border counted": {
    shapes: [[1, 2, 5, 6]],
    build: op("AveragePool", {
      kernel_shape: ints([3, 2]),
      strides: ints([2, 2]),
      pads: ints([1, 0, 1, 0]),
      count_include_pad: { int: 1 },
    }),
  },
  GlobalAveragePool: { shapes: [[2, 3, 2, 4]], build: op("GlobalAveragePool") },
  InstanceNormalization: { shapes: [[2, 2, 3, 4], [2], [2]], build: op("InstanceNormalization", { epsilon: { float: 0.01 } }) },
  BatchNormalization: {
    shapes: [[2, 2, 3], [2], [2]],
    build: (b, x, scale, offset) => {
      const fixed = (...data: number[]) => b.constant("n", { type: "float32", shape: [2], data: Float32Array.from(data) });
      return b.node("BatchNormalization", [x, scale, offset, fixed(0.3, -0.2), fixed(0.5, 2)]);
    },
  },
  Cast: one("Cast", { to: { int: 1 } }),
  Concat: {
    shapes: [
      [2, 1, 3],
      [2, 4, 3],
      [2, 2, 3],
    ],
    build: op("Concat", { axis: { int: -2 } }),
  },
  Slice: {
    shapes: [[4, 6, 3]],
    build: listed("Slice", [
      [1, -5],
      [99, -1],
      [0, 1],
    ]),
  },
  "Slice, in steps": {
    shapes: [[5, 8]],
    build: listed("Slice", [
      [1, 0],
      [5, 8],
      [0, 1],
      [2, 3],
    ]),
  },
  Gather: { shapes: [[3, 4, 2]], build: listed("Gather", [[3, 1, 1, -4]], { axis: { int: 1 } }) },
  Reshape: { shapes: [[2, 3, 4]], build: listed("Reshape", [[0, -1, 2]]) },
  Transpose: { shapes: [[2, 3, 4]], build: op("Transpose", { perm: ints([2, 0, 1]) }) },
  "Transpose, reversed": one("Transpose"),
  Unsqueeze: { shapes: [[2, 3]], build: listed("Unsqueeze", [[0, -1]]) },
  Squeeze: { shapes: [[2, 1, 3]], build: listed("Squeeze", [[1]]) },
  Flatten: { shapes: [[2, 3, 4]], build: op("Flatten", { axis: { int: 2 } }) },
  Expand: { shapes: [[3, 1]], build: listed("Expand", [[2, 3, 4]]) },
  Pad: { shapes: [[3, 4]], build: listed("Pad", [[1, 0, 2, 3]]) },
  "Pad, cropping": { shapes: [[4, 5]], build: listed("Pad", [[-1, 1, 0, -2]]) },
  "Pad, edge": { shapes: [[2, 3, 4]], build: listed("Pad", [[0, 1, 2, 0, 1, 2]], { mode: { string: "edge" } }) },
  "Pad, edge of one voxel": { shapes: [[2, 1]], build: listed("Pad", [[0, 1, 0, 2]], { mode: { string: "edge" } }) },
  "Pad, edge of two voxels": { shapes: [[2, 2]], build: listed("Pad", [[0, 2, 0, 2]], { mode: { string: "edge" } }) },
  "Pad, reflect": { shapes: [[3, 4]], build: listed("Pad", [[2, 1, 0, 3]], { mode: { string: "reflect" } }) },
  "Resize, linear, twice": { shapes: [[1, 2, 3, 2]], build: resized([1, 2, 6, 4], "linear") },
  "Resize, linear, odd": { shapes: [[1, 1, 4, 5, 3]], build: resized([1, 1, 7, 9, 2], "linear") },
  "Resize, nearest": { shapes: [[1, 2, 3, 2]], build: resized([1, 2, 6, 5], "nearest") },
  Tile: { shapes: [[2, 3]], build: listed("Tile", [[3, 2]]) },
};

describe("gradient rules", () => {
  test.each(Object.entries(rules))("%s", async (_, rule) => {
    const graph = lossOf(rule);
    const inFloat64 = checkInFloat64(graph);
    const inFloat32 = await runOnnx(encodeGraph(differentiate(graph)), {});
    for (const [name, { shape, data }] of inFloat64) {
      const found = inFloat32[gradientName(name)]!;
      expect(found.dims).toEqual(shape);
      // A few dozen float32 operations.
      expect(furthest(found.data, data)).toBeLessThan(1e-5 * Math.max(1, largest(data)));
    }
  });

  test("are there for every operator of the builder", () => {
    expect(Object.keys(operators).filter((name) => !(name in gradients))).toEqual([
      "Greater",
      "GreaterOrEqual",
      "Less",
      "LessOrEqual",
    ]);
  });

  test("of convolutions of any geometry", () => {
    const axis = fc.record({
      size: fc.integer({ min: 1, max: 6 }),
      kernel: fc.integer({ min: 1, max: 4 }),
      stride: fc.integer({ min: 1, max: 3 }),
      before: fc.integer({ min: 0, max: 3 }),
      after: fc.integer({ min: 0, max: 3 }),
    });
    const fits = ({ size, kernel, before, after }: { size: number; kernel: number; before: number; after: number }) =>
      size + before + after >= kernel;
    fc.assert(
      fc.property(
        fc.array(axis.filter(fits), { minLength: 1, maxLength: 2 }),
        fc.integer({ min: 1, max: 2 }),
        (axes, channels) => {
          const attributes = {
            strides: ints(axes.map(({ stride }) => stride)),
            pads: ints([...axes.map(({ before }) => before), ...axes.map(({ after }) => after)]),
          };
          const shapes = [
            [2, channels, ...axes.map(({ size }) => size)],
            [2, channels, ...axes.map(({ kernel }) => kernel)],
          ];
          checkInFloat64(lossOf({ shapes, build: op("Conv", attributes) }));
        },
      ),
      { numRuns: 20 },
    );
  });

  test("of equal largest elements: max-pooling gives all to the first, a maximum shares", () => {
    const b = graphBuilder("ties");
    const x = b.parameter("x", { type: "float32", shape: [1, 1, 2, 2], data: Float32Array.of(1, 2, 2, 0) });
    const pooled = b.node("MaxPool", [x], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) });
    const graph = b.finish({ loss: b.node("Add", [b.node("ReduceSum", [pooled]), b.node("ReduceMax", [x])]) });
    expect([...evaluate(differentiate(graph), {}).get("gradient.x")!.data]).toEqual([0, 1.5, 0.5, 0]);
  });

  test("refuse what they do not know, naming the node", () => {
    const grouped = lossOf({
      shapes: [
        [1, 2, 4],
        [2, 1, 3],
      ],
      build: op("Conv", { group: { int: 2 } }),
    });
    expect(() => differentiate(grouped)).toThrowError(
      expect.objectContaining({ code: "unsupported", message: expect.stringMatching(/conv .*groups/) }),
    );
    const dilated = lossOf({
      shapes: [
        [1, 1, 5],
        [1, 1, 3],
      ],
      build: op("Conv", { dilations: ints([2]) }),
    });
    expect(() => differentiate(dilated)).toThrowError(/dilated/);
    const overlapping = lossOf({ shapes: [[1, 1, 5]], build: op("MaxPool", { kernel_shape: ints([3]), strides: ints([2]) }) });
    expect(() => differentiate(overlapping)).toThrowError(/overlap/);
    const backwards = lossOf({ shapes: [[4]], build: listed("Slice", [[-1], [-9], [0], [-1]]) });
    expect(() => differentiate(backwards)).toThrowError(/backwards/);
  });
});
