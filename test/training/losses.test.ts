import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { conesDiscriminator } from "../../src/model/conesDiscriminator.js";
import { conesGenerator } from "../../src/model/conesGenerator.js";
import { graphBuilder } from "../../src/model/graph/builder.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import type { Graph } from "../../src/model/graph/graph.js";
import {
  conesDiscriminatorLoss,
  conesGeneratorLoss,
  differentiate,
  gradientName,
  huberLoss,
  initialState,
  l1Loss,
  l1SsimLoss,
  mseLoss,
  pinetzLoss,
} from "../../src/training/index.js";
import { type Numbers, runOnnx } from "../model/runGraph.js";
import { golden } from "../support/golden.js";
import { evaluate } from "./evaluate.js";
import { distance, lengthOf, wave } from "./waves.js";

/** A network that gives its input: what a loss says of it is a formula. */
function identity(...shape: readonly number[]): Graph {
  const b = graphBuilder("identity");
  return b.finish({ y: b.node("Identity", [b.input("x", shape)]) });
}

const run = (graph: Graph, feeds: Readonly<Record<string, readonly number[]>>): number => {
  const shapes = new Map(graph.inputs.map(({ name, shape }) => [name, shape as readonly number[]]));
  const arrays = Object.entries(feeds).map(([name, data]) => [name, { shape: shapes.get(name)!, data: Float64Array.from(data) }]);
  return evaluate(graph, Object.fromEntries(arrays)).get("loss")!.data[0]!;
};

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const huber = (t: number, delta: number) => (Math.abs(t) <= delta ? t ** 2 / 2 : delta * (Math.abs(t) - delta / 2));

const pair = fc
  .integer({ min: 1, max: 12 })
  .chain((n) =>
    fc.tuple(...[0, 1, 2].map(() => fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: n, maxLength: n }))),
  );

describe("losses", () => {
  test("are their formulas", () =>
    fc.assert(
      fc.property(pair, fc.integer({ min: 1, max: 40 }), ([x, target, weight], tenths) => {
        const shape = [1, 1, x!.length];
        const delta = tenths / 10;
        const d = x!.map((v, n) => v - target![n]!);
        const feeds = { x: x!, target: target! };
        expect(run(mseLoss(identity(...shape)), feeds)).toBeCloseTo(mean(d.map((t) => t * t)), 9);
        expect(run(l1Loss(identity(...shape)), feeds)).toBeCloseTo(mean(d.map(Math.abs)), 9);
        // Constants of the graph are float32.
        expect(run(huberLoss(identity(...shape), { delta }), feeds)).toBeCloseTo(mean(d.map((t) => huber(t, delta))), 5);
        const weighted = huberLoss(identity(...shape), { delta, weighted: true });
        expect(run(weighted, { ...feeds, weight: weight! })).toBeCloseTo(mean(d.map((t, n) => weight![n]! * huber(t, delta))), 5);
      }),
    ));

  test("Pinetz: brain and enhancement weigh Huber's function, the margin doesn't count", () => {
    const graph = pinetzLoss(identity(1, 1, 5), { margin: 1 });
    const feeds = { x: [9, 0.05, 1, 0, 9], target: [0, 0, 0, -1, 0], brain: [1, 1, 1, 0, 1], enhancement: [1, 0, 0.5, 0, 1] };
    const expected = [1.01 * 0.00125, 1.51 * 0.095, 0.01 * 0.095];
    expect(run(graph, feeds)).toBeCloseTo(mean(expected), 8);
    const heavier = pinetzLoss(identity(1, 1, 5), { margin: 1, outside: 1, enhancing: 3, epsilon: 2 });
    expect(run(heavier, feeds)).toBeCloseTo(mean([2 * 0.00125, 3.5 * 0.5, 1 * 0.5]), 8);
    expect(pinetzLoss(identity(2, 1, 20, 18, 17)).inputs.map(({ name, shape }) => [name, shape.join()])).toEqual(
      ["x", "target", "brain", "enhancement"].map((name) => [name, "2,1,20,18,17"]),
    );
  });

  test("what lies in the margin has no gradient", async () => {
    const b = graphBuilder("voxels");
    const y = b.parameter("w", { type: "float32", shape: [1, 1, 4, 5], data: wave(0.3, 1, 1, 4, 5).data });
    const graph = differentiate(huberLoss(b.finish({ y }), { delta: 0.1, margin: 1 }));
    const found = await runOnnx(encodeGraph(graph), { target: wave(0.9, 1, 1, 4, 5) });
    const touched = Array.from(found[gradientName("w")]!.data, (v) => Number(v !== 0));
    expect(touched).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  });

  test("L1 and SSIM against PyTorch, with the gradient", async () => {
    const expected = golden<{ loss: number; ssim: number; gradient: Float32Array }>("training/ssim");
    const b = graphBuilder("image");
    const y = b.parameter("w", { type: "float32", shape: [1, 1, 15, 13], data: wave(0.9, 1, 1, 15, 13).data });
    const graph = l1SsimLoss(b.finish({ y }), { dataRange: 2 });
    const found = await runOnnx(encodeGraph(differentiate(graph)), { target: wave(0.3, 1, 1, 15, 13) });
    expect(found["loss"]!.data[0]).toBeCloseTo(expected.loss, 6);
    expect(distance(found[gradientName("w")]!.data, expected.gradient)).toBeLessThan(1e-5 * lengthOf(expected.gradient));
    const same = await runOnnx(encodeGraph(graph), { target: wave(0.9, 1, 1, 15, 13) });
    expect(same["loss"]!.data[0]).toBeCloseTo(0, 6);
  });

  test("refuse", () => {
    const code = (name: string) => expect.objectContaining({ code: name });
    expect(() => huberLoss(identity(1, 1, 4), { delta: 0 })).toThrowError(code("out-of-range"));
    expect(() => huberLoss(identity(1, 1, 4), { delta: 1, margin: 2 })).toThrowError(
      /margin of 2 voxels .* leaves nothing of \[4\]/,
    );
    expect(() => mseLoss(identity(1, 1, 4), { prediction: "z" })).toThrowError(/no output z; its outputs are y \[1, 1, 4\]/);
    expect(() => pinetzLoss(identity(1, 1, 4), { outside: -1 })).toThrowError(code("out-of-range"));
    expect(() => l1SsimLoss(identity(1, 1, 10, 12), { dataRange: 1 })).toThrowError(/SSIM needs 11 voxels/);
    expect(() => l1SsimLoss(identity(1, 1, 12, 12), { dataRange: 0 })).toThrowError(code("out-of-range"));
  });
});

describe("losses of CoNeS", () => {
  const cut = ({ dims, data }: Numbers, from: number, to: number): Float32Array => {
    const size = data.length / dims[0]!;
    return data.slice(from * size, to * size);
  };
  const scores = (length: number): Graph => {
    const b = graphBuilder("scores");
    const x = b.input("x", [length]);
    return b.finish({ y0: b.node("Identity", [x]), y1: b.node("Add", [x, x]) });
  };

  test("the discriminator's hinge", () => {
    const graph = conesDiscriminatorLoss(scores(4));
    // True: 2, 0.5; made: −3, 0.25. The second scale has twice the scores.
    const [first, second] = [(0 + 0.5) / 2 + (0 + 1.25) / 2, (0 + 0) / 2 + (0 + 1.5) / 2];
    expect(run(graph, { x: [2, 0.5, -3, 0.25] })).toBeCloseTo((first + second) / 2, 9);
  });

  const generator = conesGenerator({
    seed: 1,
    blocks: [1, 1],
    features: 2,
    pyramid: 4,
    width: 3,
    layers: 1,
    shifts: true,
    batch: 1,
    patch: [34, 32],
  });
  const judge = (featureMaps = false) =>
    conesDiscriminator({ seed: 2, inputs: 3, features: 2, featureMaps, batch: 2, patch: [34, 32] });

  test("the generator's terms", async () => {
    const discriminator = judge(true);
    const [x, target] = [wave(0.3, 1, 2, 32, 34), wave(0.7, 1, 1, 32, 34)];
    const weights = initialState(discriminator).weights.map((v) => v * 20);
    const feeds = { x, target, discriminator: { dims: [weights.length], data: weights } };
    const lossWith = async (options: object) => {
      const none = { l1: 0, adversarial: 0, shift: 0 };
      return (await runOnnx(encodeGraph(conesGeneratorLoss(generator, discriminator, { ...none, ...options })), feeds))["loss"]!
        .data[0]!;
    };
    const { y, shifts } = await runOnnx(encodeGraph(generator), { x });
    expect(await lossWith({ l1: 1 })).toBeCloseTo(mean(Array.from(y!.data, (v, n) => Math.abs(v - target.data[n]!))), 5);
    expect((await lossWith({ shift: 1 })) / mean(Array.from(shifts!.data, (v) => v * v))).toBeCloseTo(1, 4);

    let at = 0;
    const initializers = new Map(discriminator.initializers);
    for (const name of discriminator.parameters) {
      const tensor = initializers.get(name)!;
      initializers.set(name, { ...tensor, data: weights.subarray(at, at + tensor.data.length) });
      at += tensor.data.length;
    }
    const both = { dims: [2, 3, 32, 34], data: Float32Array.from([...x.data, ...target.data, ...x.data, ...y!.data]) };
    const judged = await runOnnx(encodeGraph({ ...discriminator, initializers }), { x: both });
    const made = ["y0", "y1"].map((name) => mean([...cut(judged[name]!, 1, 2)]));
    expect((await lossWith({ adversarial: 1 })) / -mean(made)).toBeCloseTo(1, 4);
    const maps = Object.keys(judged).filter((name) => name.includes("feature"));
    const apart = maps.map((name) => {
      const truth = cut(judged[name]!, 0, 1);
      return mean(Array.from(cut(judged[name]!, 1, 2), (v, n) => Math.abs(v - truth[n]!)));
    });
    expect((await lossWith({ featureMatching: 1 })) / mean(apart)).toBeCloseTo(1, 4);
  });

  test("all of the generator's parameters are trained, none of the discriminator's", () => {
    const graph = conesGeneratorLoss(generator, judge());
    expect(graph.parameters).toEqual(generator.parameters);
    const names = differentiate(graph).outputs.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("gradient."))).toEqual(generator.parameters.map(gradientName));
  });

  test("refuse what doesn't fit", () => {
    const odd = conesDiscriminator({ seed: 2, inputs: 3, features: 1, batch: 1, patch: [34, 32] });
    expect(() => conesDiscriminatorLoss(odd)).toThrowError(/twice the generator's batch/);
    expect(() => conesGeneratorLoss(generator, judge(), { featureMatching: 1 })).toThrowError(/featureMaps: true/);
    const without = conesGenerator({ seed: 1, blocks: [1], features: 1, pyramid: 1, width: 1, batch: 1, patch: [34, 32] });
    expect(() => conesGeneratorLoss(without, judge())).toThrowError(/no output shifts/);
    expect(() => conesGeneratorLoss(generator, judge(), { l1: -1 })).toThrowError(/l1/);
    expect(() => conesDiscriminatorLoss(identity(2, 1))).toThrowError(/no scores/);
  });
});
