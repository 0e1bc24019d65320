import { describe, expect, test } from "vitest";
import { encodeGraph } from "../../src/model/graph/encode.js";
import { type Graph, parameterCount } from "../../src/model/graph/graph.js";
import { inspectModel } from "../../src/model/inspectModel.js";
import { readSafetensors, writeSafetensors } from "../../src/model/safetensors.js";
import { unet2d } from "../../src/model/unet2d.js";
import { halfWeights, weightsOf, withWeights } from "../../src/model/weights.js";
import type { WeightTensor } from "../../src/model/weightTensor.js";
import { runOnnx, wavy } from "./runGraph.js";

const network = (seed: number): Graph => unet2d({ seed, features: [2, 3] });
const run = async (graph: Graph) => (await runOnnx(encodeGraph(graph), { x: wavy(1, 2, 8, 12) }))["y"]!.data;
const edited = (edit: (tensors: Map<string, WeightTensor>) => void) => {
  const tensors = new Map(weightsOf(network(2)));
  edit(tensors);
  return tensors;
};

describe("withWeights", () => {
  test("law: weights of another graph make it that graph; own weights change nothing", async () => {
    const [one, two] = [network(1), network(2)];
    expect(withWeights(one, weightsOf(two))).toEqual(two);
    expect(withWeights(one, weightsOf(one))).toEqual(one);
    const file = writeSafetensors(weightsOf(two));
    expect(await run(withWeights(one, readSafetensors(file)))).toEqual(await run(two));
    expect(one).toEqual(network(1));
  });

  test("takes a map of names: an object, or a function that leaves some out", () => {
    const tensors = edited((t) => {
      for (const [name, tensor] of [...t]) {
        t.delete(name);
        t.set(`module.${name}`, tensor);
      }
    });
    const prefixless = (name: string) => name.replace(/^module\./, "");
    expect(withWeights(network(1), tensors, { names: prefixless })).toEqual(network(2));
    const table = Object.fromEntries([...tensors.keys()].map((name) => [name, prefixless(name)]));
    expect(withWeights(network(1), tensors, { names: table })).toEqual(network(2));
    tensors.set("module.num_batches_tracked", { dtype: "int64", shape: [], data: BigInt64Array.of(3n) });
    expect(
      withWeights(network(1), tensors, { names: (name) => (name.endsWith("tracked") ? undefined : prefixless(name)) }),
    ).toEqual(network(2));
  });

  test("takes real numbers of any width", () => {
    const half = readSafetensors(writeSafetensors(weightsOf(network(2)), { dtype: "float16" }));
    const loaded = withWeights(network(1), half);
    expect(loaded.initializers.get("out.bias")!.data).toBeInstanceOf(Float32Array);
    const doubles = new Map(
      [...weightsOf(network(2))].map(([name, t]) => [
        name,
        { ...t, dtype: "float64" as const, data: Float64Array.from(t.data as Float32Array) },
      ]),
    );
    expect(withWeights(network(1), doubles)).toEqual(network(2));
    expect(withWeights(halfWeights(network(1)), new Map([...half].map(([name, t]) => [`${name}.float16`, t])))).toEqual(
      halfWeights(network(2)),
    );
  });

  test.each<readonly [string, ReadonlyMap<string, WeightTensor>, RegExp]>([
    ["missing", edited((t) => t.delete("out.bias")), /network unet2d: out\.bias is missing\. Build/],
    ["unexpected", edited((t) => t.set("extra", t.get("out.bias")!)), /extra is not expected/],
    [
      "of another shape",
      edited((t) => t.set("out.bias", { dtype: "float32", shape: [2], data: new Float32Array(2) })),
      /out\.bias should have shape \[1\], but has \[2\]/,
    ],
    [
      "of the wrong length",
      edited((t) => t.set("out.bias", { dtype: "float32", shape: [1], data: new Float32Array(2) })),
      /out\.bias has 2 elements/,
    ],
    [
      "not real",
      edited((t) => t.set("out.bias", { dtype: "int32", shape: [1], data: new Int32Array(1) })),
      /out\.bias holds int32/,
    ],
    ["all missing", new Map(), /encoder0\.conv0\.weight is missing;.*; and 23 more\./],
  ])("refuses weights that are %s", (_, tensors, message) => {
    expect(() => withWeights(network(1), tensors)).toThrowError(
      expect.objectContaining({ code: "bad-model", message: expect.stringMatching(message) }),
    );
  });

  test("refuses two tensors for one parameter", () => {
    const tensors = edited((t) => t.set("bias", t.get("out.bias")!));
    expect(() => withWeights(network(1), tensors, { names: { bias: "out.bias" } })).toThrowError(
      /bias \(as out\.bias\) comes after out\.bias/,
    );
  });
});

describe("halfWeights", () => {
  test("halves the weights in the file, keeps float32 at the border, and changes little", async () => {
    const graph = unet2d({ seed: 3 });
    const half = halfWeights(graph);
    const [bytes, halfBytes] = [encodeGraph(graph), encodeGraph(half)];
    const [before, after] = [inspectModel(bytes), inspectModel(halfBytes)];
    expect(after.inputs).toEqual(before.inputs);
    expect(after.outputs).toEqual(before.outputs);
    expect(parameterCount(half)).toBe(parameterCount(graph));
    const constants = before.initializerBytes - 4 * parameterCount(graph);
    expect(after.initializerBytes).toBe(2 * parameterCount(graph) + constants);
    const [exact, rounded] = [await run(graph), await run(half)];
    const worst = Math.max(...exact.map((v, i) => Math.abs(v - rounded[i]!)));
    expect(worst).toBeGreaterThan(0);
    // Each weight is off by at most 2⁻¹¹ of itself; through some twenty layers that is a few thousandths.
    expect(worst).toBeLessThan(0.01 * Math.max(...exact.map(Math.abs)));
  });

  test("law: of weights that float16 holds, nothing changes; twice = once", async () => {
    const graph = withWeights(network(1), readSafetensors(writeSafetensors(weightsOf(network(1)), { dtype: "float16" })));
    expect(await run(halfWeights(graph))).toEqual(await run(graph));
    expect(halfWeights(halfWeights(graph))).toEqual(halfWeights(graph));
  });

  test("refuses weights beyond float16", () => {
    const large = edited((t) => t.set("out.bias", { dtype: "float32", shape: [1], data: Float32Array.of(1e5) }));
    expect(() => halfWeights(withWeights(network(1), large))).toThrowError(/element 0 of out\.bias is 100000/);
  });
});
