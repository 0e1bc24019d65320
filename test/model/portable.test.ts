import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpu } from "../../src/backend/cpu.js";
import { fillNormal } from "../../src/internal/random.js";
import { graphBuilder } from "../../src/model/graph/builder.js";
import { decodeGraph } from "../../src/model/graph/decode.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import type { Attributes, Dim, Graph } from "../../src/model/graph/graph.js";
import { createModel } from "../../src/model/model.js";
import { portable } from "../../src/model/portable.js";
import { cardOf, withCard } from "../../src/model/withCard.js";
import { absent } from "../backend/runtime.js";
import { fullCard } from "./cards.js";
import { nnunetLike, normal } from "./nnunetLike.js";

const run = async (graph: Graph, x: { dims: readonly number[]; data: Float32Array }) => {
  const session = await cpu({ threads: 1 }).load(createModel(encodeGraph(graph)));
  const output = (await session.run({ x }))["y"]!;
  await session.dispose();
  return output;
};

/** Largest difference as a fraction of the range of the first; 1 where there is none. */
const difference = (a: Float32Array, b: Float32Array): number => {
  let [low, high, largest] = [Infinity, -Infinity, 0];
  a.forEach((v, n) => {
    low = Math.min(low, v);
    high = Math.max(high, v);
    largest = Math.max(largest, Math.abs(v - b[n]!));
  });
  return largest === 0 ? 0 : largest / (high - low);
};

interface OneNode {
  readonly operator: "Conv" | "ConvTranspose";
  readonly size: readonly number[];
  readonly weights: readonly number[];
  readonly attributes: Attributes;
  readonly channels: number;
  readonly bias?: number;
  readonly open?: boolean;
  readonly shared?: boolean;
}

const oneNode = ({ operator, size, weights, attributes, channels, bias, open, shared }: OneNode): Graph => {
  const b = graphBuilder("one");
  const shape: readonly Dim[] = open ? ["batch", channels, ...size.map((_, n) => `n${n}`)] : [2, channels, ...size];
  const x = b.input("x", shape);
  const { data } = normal(weights, 2);
  const kernel = data.length / weights[0]!;
  if (shared) for (let n = kernel; n < data.length; n++) data[n] = data[n - kernel]!;
  const w = b.parameter("w", { type: "float32", shape: weights, data });
  const offset =
    bias === undefined ? undefined : b.parameter("b", { type: "float32", shape: [bias], data: normal([bias], 3).data });
  return b.finish({ y: b.node(operator, offset ? [x, w, offset] : [x, w], attributes, "it") });
};

const three = (min: number, max: number) => fc.array(fc.integer({ min, max }), { minLength: 3, maxLength: 3 });

const transposed: fc.Arbitrary<OneNode> = fc
  .record({
    size: three(1, 4),
    kernel: three(1, 4),
    strides: three(1, 3),
    dilations: three(1, 2),
    padBefore: three(0, 2),
    padAfter: three(0, 2),
    extra: three(0, 2),
    group: fc.constantFrom(1, 1, 2, 3),
    own: fc.integer({ min: 1, max: 2 }),
    each: fc.integer({ min: 1, max: 2 }),
    bias: fc.boolean(),
    open: fc.boolean(),
    shared: fc.boolean(),
  })
  .map(({ size, kernel, strides, dilations, padBefore, padAfter, extra, group, own, each, bias, ...rest }) => ({
    operator: "ConvTranspose" as const,
    size,
    channels: group * each,
    weights: [group * each, own, ...kernel],
    attributes: {
      strides: { ints: strides },
      dilations: { ints: dilations },
      pads: { ints: [...padBefore, ...padAfter] },
      // ONNX Runtime wants less than the stride.
      output_padding: { ints: extra.map((n, axis) => Math.min(n, strides[axis]! - 1)) },
      group: { int: group },
    },
    ...(bias && { bias: group * own }),
    ...rest,
  }));

const grouped: fc.Arbitrary<OneNode> = fc
  .record({
    size: three(3, 6),
    kernel: three(1, 3),
    strides: three(1, 2),
    dilations: three(1, 2),
    pads: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 6 }),
    group: fc.constantFrom(2, 3, 4),
    own: fc.integer({ min: 1, max: 2 }),
    each: fc.integer({ min: 1, max: 2 }),
    bias: fc.boolean(),
    open: fc.boolean(),
    shared: fc.boolean(),
  })
  .map(({ size, kernel, strides, dilations, pads, group, own, each, bias, ...rest }) => ({
    operator: "Conv" as const,
    size,
    channels: group * each,
    weights: [group * own, each, ...kernel],
    attributes: { strides: { ints: strides }, dilations: { ints: dilations }, pads: { ints: pads }, group: { int: group } },
    ...(bias && { bias: group * own }),
    ...rest,
  }));

const built = (node: OneNode): Graph | undefined => {
  try {
    const graph = oneNode({ ...node, open: false });
    if (!graph.outputs[0]!.shape.every((n) => (n as number) > 0)) return undefined;
    return oneNode(node);
  } catch {
    return undefined;
  }
};

describe("portable", () => {
  describe.skipIf(absent)("gives the same numbers", () => {
    // Sums of at most 128 products in another order: below 128 · 2⁻²⁴ = 8e-6 of the size of the terms.
    for (const [name, nodes] of [
      ["ConvTranspose of any stride, dilation, padding and group", transposed],
      ["Conv of several groups", grouped],
    ] as const)
      test(name, () =>
        fc.assert(
          fc.asyncProperty(nodes, async (node) => {
            const graph = built(node);
            fc.pre(graph !== undefined);
            const { graph: after, changes, unsupported } = portable(graph!);
            expect(unsupported).toEqual([]);
            expect(changes).toHaveLength(1);
            for (const { operator, attributes } of after.nodes) {
              expect(operator).not.toBe("ConvTranspose");
              expect(attributes["group"]).toBeUndefined();
            }
            const x = normal([2, node.channels, ...node.size], 1);
            const [a, b] = [await run(graph!, x), await run(after, x)];
            expect(b.dims).toEqual(a.dims);
            expect(difference(a.data, b.data)).toBeLessThan(1e-5);
            expect(decodeGraph(encodeGraph(after)).outputs.map(({ name }) => name)).toEqual(["y"]);
          }),
          { numRuns: 30 },
        ),
      );

    test("a network like nnU-Net's, sizes open", async () => {
      const graph = nnunetLike({ seed: 5 });
      const { graph: after, changes, unsupported } = portable(graph);
      expect(changes).toEqual([
        "up1.up: ConvTranspose 2×2×2, stride 2×2×2 → Conv 1×1×1, Reshape, Transpose, Reshape",
        "up0.up: ConvTranspose 1×2×2, stride 1×2×2 → Conv 1×1×1, Reshape, Transpose, Reshape",
      ]);
      expect(unsupported).toEqual([]);
      for (const dims of [
        [1, 2, 4, 8, 12],
        [2, 2, 6, 4, 8],
      ]) {
        const x = normal(dims, 1);
        const [a, b] = [await run(graph, x), await run(after, x)];
        expect(b.dims).toEqual(a.dims);
        expect(difference(a.data, b.data)).toBeLessThan(1e-5);
      }
    });
  });

  test("with kernel = stride nothing is cut and nothing is computed twice", () => {
    const node: OneNode = {
      operator: "ConvTranspose",
      size: [3, 4, 5],
      channels: 2,
      weights: [2, 3, 2, 2, 2],
      attributes: { strides: { ints: [2, 2, 2] } },
      bias: 3,
    };
    const { graph } = portable(oneNode(node));
    expect(graph.nodes.map(({ operator }) => operator)).toEqual(["Conv", "Reshape", "Transpose", "Reshape", "Identity"]);
    expect(graph.values.get(graph.nodes[0]!.inputs[1]!)!.shape).toEqual([24, 2, 1, 1, 1]);
    expect(graph.outputs[0]!.shape).toEqual([2, 3, 6, 8, 10]);
    // The rewritten weights are constants, and nothing that is not read is left.
    expect(graph.parameters).toEqual([]);
    expect(graph.initializers.has("w")).toBe(false);
  });

  test("says what it did with groups", () => {
    const conv = {
      operator: "Conv",
      size: [4, 4, 4],
      channels: 4,
      weights: [4, 1, 3, 3, 3],
      attributes: { group: { int: 4 } },
    } as const;
    expect(portable(oneNode(conv)).changes).toEqual([
      "it: Conv 3×3×3 of 4 groups → Conv with block-diagonal weights, 4 times the products",
    ]);
    expect(portable(oneNode({ ...conv, shared: true })).changes).toEqual([
      "it: Conv 3×3×3 of 4 groups → Conv with one kernel over channels moved into the batch",
    ]);
  });

  test("leaves alone what runs: the same graph, the same bytes", () => {
    const flat: OneNode = {
      operator: "ConvTranspose",
      size: [3, 4],
      channels: 2,
      weights: [2, 3, 2, 2],
      attributes: { strides: { ints: [2, 2] } },
    };
    for (const graph of [
      oneNode(flat),
      oneNode({ ...flat, operator: "Conv", size: [3, 4, 5], weights: [3, 2, 2, 2, 2], attributes: {} }),
    ]) {
      expect(portable(graph)).toEqual({ graph, changes: [], unsupported: [] });
      expect(portable(graph).graph).toBe(graph);
      const bytes = encodeGraph(graph);
      expect(portable(bytes).bytes).toBe(bytes);
    }
  });

  test("tells what it can't replace", () => {
    const node: OneNode = {
      operator: "ConvTranspose",
      size: [4, 4, 4],
      channels: 1,
      weights: [1, 1, 2, 2, 2],
      attributes: { strides: { ints: [2, 2, 2] }, auto_pad: { string: "SAME_UPPER" } },
    };
    expect(portable(oneNode(node))).toMatchObject({
      changes: [],
      unsupported: ["it: ConvTranspose 2×2×2, stride 2×2×2, but its padding is left open (SAME_UPPER)"],
    });
    expect(portable(oneNode({ ...node, attributes: { output_shape: { ints: [8, 8, 8] } } })).unsupported).toEqual([
      "it: ConvTranspose 2×2×2, stride 1×1×1, but its padding is left open (output_shape)",
    ]);
    const b = graphBuilder("computed");
    const x = b.input("x", [1, 1, 4, 4, 4]);
    const w = b.node("Relu", [b.input("w", [1, 1, 2, 2, 2])]);
    expect(portable(b.finish({ y: b.node("ConvTranspose", [x, w], {}, "up") })).unsupported).toEqual([
      "up: ConvTranspose 2×2×2, stride 1×1×1, but its weights are computed at run time",
    ]);
  });

  test("of a file it keeps the card, without the checksum of the old bytes", () => {
    const bytes = withCard(encodeGraph(nnunetLike({ seed: 1 })), { ...fullCard, sha256: "0".repeat(64) });
    const { bytes: after, changes } = portable(bytes);
    expect(changes).toHaveLength(2);
    expect(cardOf(after)).toEqual(fullCard);
    expect(portable(after)).toEqual({ bytes: after, changes: [], unsupported: [] });
  });

  test("an empty bias, which ends a process on WebGPU, is left out", () => {
    const b = graphBuilder("empty");
    const x = b.input("x", [1, 1, 4, 4]);
    const w = b.constant("w", normalInitializer([1, 1, 3, 3]));
    const { graph, changes } = portable(b.finish({ y: b.node("Conv", [x, w, undefined], {}, "it") }));
    expect(changes).toEqual(["it: Conv with an empty bias → Conv without a bias"]);
    expect(graph.nodes[0]!.inputs).toEqual(["x", "w"]);
  });

  test("finds weights behind an Identity, as exporters write shared ones", () => {
    const b = graphBuilder("alias");
    const x = b.input("x", [1, 1, 2, 2, 2]);
    const w = b.node("Identity", [b.constant("w", normalInitializer([1, 1, 2, 2, 2]))]);
    expect(portable(b.finish({ y: b.node("ConvTranspose", [x, w]) })).changes).toHaveLength(1);
  });
});

const normalInitializer = (shape: readonly number[]) => {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  fillNormal(data, 1);
  return { type: "float32" as const, shape, data };
};
