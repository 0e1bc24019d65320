import { describe, expect, test } from "vitest";
import { cpu } from "../../src/backend/cpu.js";
import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { graphBuilder } from "../../src/model/graph/builder.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import type { Graph } from "../../src/model/graph/graph.js";
import { createModel } from "../../src/model/model.js";
import { withWeights } from "../../src/model/weights.js";
import { segmentsOf } from "../../src/training/flatParameters.js";
import { adam, huberLoss, initialState, trainingStep } from "../../src/training/index.js";
import { cases, renamed } from "../model/pytorchCases.js";
import { type Numbers, runOnnx } from "../model/runGraph.js";
import { golden } from "../support/golden.js";
import { distance, formulaWeights, lengthOf, wave } from "./waves.js";

interface GoldenSteps {
  /** Loss and norm of the gradient, before clipping, of each step. */
  readonly steps: readonly (readonly [number, number])[];
  readonly weights: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;
}

const vector = (...data: number[]): Numbers => ({ dims: [data.length], data: Float32Array.from(data) });
const flat = (data: Float32Array): Numbers => ({ dims: [data.length], data });

const conditional = cases[0]!;

describe("trainingStep", () => {
  test("ten steps of AdamW with clipping are PyTorch's", async () => {
    const { steps, weights } = golden<GoldenSteps>("training/adamw");
    const network = conditionalUnet3d({ seed: 0, features: 2, scales: 2, embedding: 4, batch: 2, patch: [8, 8, 8] });
    const formula = formulaWeights(Object.entries(weights).map(([name, { shape }]) => [name, shape]));
    const graph = huberLoss(withWeights(network, formula, { names: (key) => renamed(conditional, key) }), {
      delta: 0.5,
    });
    const optimizer = adam({ beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1 });
    const session = await cpu().load(createModel(encodeGraph(trainingStep(graph, { optimizer, clipNorm: 0.3 }))));
    const start = initialState(graph);
    let state = { weights: flat(start.weights), mean: flat(start.mean), variance: flat(start.variance) };
    const truth = wave(0.9, 2, 1, 8, 8, 8);
    for (const [n, [loss, norm]] of steps.entries()) {
      const data = {
        x: wave(0.3 + 0.01 * n, 2, 3, 8, 8, 8),
        conditions: wave(0.5, 2, 4),
        target: { ...truth, data: truth.data.map((v) => 1 + v) },
      };
      const found = await session.run({ ...data, ...state, learningRate: vector(1e-2 / (n + 1)), step: vector(n + 1) });
      expect(found["loss"]!.data[0]! / loss).toBeCloseTo(1, 5);
      // Adam divides by the root of v, so float32's noise in tiny gradients moves the weights as much as large ones do.
      expect(found["gradientNorm"]!.data[0]! / norm).toBeCloseTo(1, n === 0 ? 5 : 3);
      state = { weights: found["weightsNext"]!, mean: found["meanNext"]!, variance: found["varianceNext"]! };
    }
    const before = new Map([...formula].map(([key, { data }]) => [renamed(conditional, key), data as Float32Array]));
    const after = new Map(Object.entries(weights).map(([key, { data }]) => [renamed(conditional, key), data]));
    for (const { name, start: from, end } of segmentsOf(graph)) {
      const travelled = distance(after.get(name)!, before.get(name)!);
      expect(distance(state.weights.data.subarray(from, end), after.get(name)!)).toBeLessThan(1e-3 * travelled + 1e-6);
    }
  });

  /** loss = Σ (w − target)² / 2: the gradient is w − target. */
  const bowl = (...weights: number[]): Graph => {
    const b = graphBuilder("bowl");
    const target = b.input("target", [weights.length]);
    const w = b.parameter("w", { type: "float32", shape: [weights.length], data: Float32Array.from(weights) });
    const half = b.constant("half", { type: "float32", shape: [], data: Float32Array.of(0.5) });
    const squares = b.node("ReduceSumSquare", [b.node("Sub", [w, target])], { keepdims: { int: 0 } });
    return b.finish({ loss: b.node("Mul", [squares, half]) });
  };
  const inputs = (weights: number[], step = 1) => ({
    target: vector(0, 0),
    weights: vector(...weights),
    mean: vector(0, 0),
    variance: vector(0, 0),
    learningRate: vector(0.1),
    step: vector(step),
  });

  test("the first step of Adam has the learning rate's length along each axis", async () => {
    const bytes = encodeGraph(trainingStep(bowl(3, -4), { optimizer: adam() }));
    const { loss, gradientNorm, weightsNext, meanNext, varianceNext } = await runOnnx(bytes, inputs([3, -4]));
    expect([loss!.data[0], gradientNorm!.data[0]]).toEqual([12.5, 5]);
    expect([...weightsNext!.data]).toEqual([Math.fround(2.9), Math.fround(-3.9)]);
    expect([...meanNext!.data].map((v) => v.toFixed(6))).toEqual(["0.300000", "-0.400000"]);
    expect([...varianceNext!.data].map((v) => v.toFixed(6))).toEqual(["0.009000", "0.016000"]);
  });

  test("bias corrections keep float32's precision from the first step to the millionth", async () => {
    const bytes = encodeGraph(trainingStep(bowl(3, -4), { optimizer: adam({ epsilon: 1e-30 }) }));
    for (const step of [1, 2, 10, 1000, 30_000, 1e6]) {
      const found = await runOnnx(bytes, inputs([3, -4], step));
      const [first, second] = [1 - 0.9 ** step, 1 - 0.999 ** step];
      const expected = 0.1 * (0.1 / first) * Math.sqrt(second / 0.001);
      expect(3 - found["weightsNext"]!.data[0]!).toBeCloseTo(expected, 5);
    }
  });

  test("a long gradient is shortened, a short one isn't", async () => {
    const clipped = encodeGraph(trainingStep(bowl(3, -4), { optimizer: adam(), clipNorm: 1 }));
    const found = await runOnnx(clipped, inputs([3, -4]));
    expect(found["gradientNorm"]!.data[0]).toBe(5);
    expect([...found["meanNext"]!.data].map((v) => v.toFixed(6))).toEqual(["0.060000", "-0.080000"]);
    const free = await runOnnx(clipped, inputs([0.3, -0.4]));
    expect([...free["meanNext"]!.data].map((v) => v.toFixed(6))).toEqual(["0.030000", "-0.040000"]);
    const flatBottom = await runOnnx(clipped, inputs([0, 0]));
    expect([...flatBottom["weightsNext"]!.data]).toEqual([0, 0]);
  });

  test("weight decay shrinks weights apart from the gradient; the average follows", async () => {
    const options = { optimizer: adam({ weightDecay: 0.5 }), averageDecay: 0.9 };
    const bytes = encodeGraph(trainingStep(bowl(1, 1), options));
    const target = vector(1, 1);
    const found = await runOnnx(bytes, { ...inputs([1, 1], 1000), target, average: vector(0, 2) });
    expect([...found["weightsNext"]!.data].map((v) => v.toFixed(6))).toEqual(["0.950000", "0.950000"]);
    expect([...found["averageNext"]!.data].map((v) => v.toFixed(6))).toEqual(["0.095000", "1.895000"]);
    // In the first step the share of the old is 2/11.
    const first = await runOnnx(bytes, { ...inputs([1, 1], 1), target, average: vector(0, 0) });
    expect(first["averageNext"]!.data[0]).toBeCloseTo((9 / 11) * 0.95, 6);
  });

  test("refuses", () => {
    const none = graphBuilder("none");
    const nothing = none.finish({ loss: none.node("ReduceSum", [none.input("x", [2])], { keepdims: { int: 0 } }) });
    expect(() => trainingStep(nothing, { optimizer: adam() })).toThrowError(/no parameters/);
    const open = conditionalUnet3d({ seed: 1, features: 2, scales: 2 });
    expect(() => trainingStep(huberLoss(open, { delta: 1 }), { optimizer: adam() })).toThrowError(
      expect.objectContaining({ code: "unsupported", message: expect.stringMatching(/fixed sizes.*batch and patch/) }),
    );
    const fixed = conditionalUnet3d({ seed: 1, features: 2, scales: 2, batch: 1, patch: [8, 8, 8] });
    expect(() => trainingStep(fixed, { optimizer: adam() })).toThrowError(/no output loss; its outputs are y \[1/);
    expect(() => trainingStep(fixed, { optimizer: adam(), loss: "y" })).toThrowError(/single number, but y is \[1, 1, 8, 8, 8\]/);
    expect(() => trainingStep(bowl(1), { optimizer: adam(), clipNorm: 0 })).toThrowError(/clipNorm/);
    expect(() => trainingStep(bowl(1), { optimizer: adam(), averageDecay: 2 })).toThrowError(/averageDecay/);
    for (const wrong of [{ beta1: 1 }, { beta2: -0.1 }, { epsilon: 0 }, { weightDecay: -1 }])
      expect(() => adam(wrong)).toThrowError(expect.objectContaining({ code: "out-of-range" }));
  });

  test("a perfect fit has no gradient, and stays", async () => {
    const bytes = encodeGraph(trainingStep(bowl(0, 0), { optimizer: adam() }));
    const found = await runOnnx(bytes, inputs([0, 0]));
    expect(lengthOf(found["weightsNext"]!.data)).toBe(0);
  });
});
