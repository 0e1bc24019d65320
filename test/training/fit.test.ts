import { describe, expect, test } from "vitest";
import type { Backend, Tensors } from "../../src/backend/backend.js";
import { cpu } from "../../src/backend/cpu.js";
import { fillNormal } from "../../src/internal/random.js";
import { graphBuilder } from "../../src/model/graph/builder.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import type { Graph } from "../../src/model/graph/graph.js";
import { uniformFanIn } from "../../src/model/graph/initialize.js";
import { conv, silu } from "../../src/model/graph/layers.js";
import { createModel } from "../../src/model/model.js";
import { writeSafetensors } from "../../src/model/safetensors.js";
import { weightsOf, withWeights } from "../../src/model/weights.js";
import {
  adam,
  constant,
  cosine,
  type FitOptions,
  fit,
  huberLoss,
  initialState,
  readCheckpoint,
  type TrainingProgress,
  trainedWeights,
  writeCheckpoint,
} from "../../src/training/index.js";

/** Two small convolutions: loads in no time. */
function small({ seed = 1, features = 2, size = 8 as number | string, batch = 1 as number | string } = {}): Graph {
  const b = graphBuilder("small");
  const context = { b, initialize: uniformFanIn(seed), padding: "replicate" } as const;
  const f = conv(context, "in", b.input("x", [batch, 2, size, size]), features);
  return b.finish({ y: conv(context, "out", silu(context, f), 1, { kernel: 1 }) });
}

const network = small();
const graph = huberLoss(network, { delta: 1 });

/** The target is twice the first channel. */
const batches = (step: number): Tensors => {
  const data = new Float32Array(128);
  fillNormal(data, 1, step);
  return {
    x: { dims: [1, 2, 8, 8], data },
    target: { dims: [1, 1, 8, 8], data: data.subarray(0, 64).map((v) => 2 * v) },
  };
};

const options: FitOptions = {
  backend: cpu({ threads: 1 }),
  optimizer: adam({ weightDecay: 1e-4 }),
  clipNorm: 1,
  averageDecay: 0.9,
  batches,
  steps: 6,
  schedule: cosine({ from: 1e-2, steps: 6 }),
};

async function all(more: Partial<FitOptions> = {}): Promise<TrainingProgress[]> {
  const steps: TrainingProgress[] = [];
  for await (const step of fit(graph, { ...options, ...more })) steps.push(step);
  return steps;
}

describe("fit", () => {
  test("learns", async () => {
    const steps = await all({ steps: 60, schedule: constant(1e-2) });
    const mean = (part: readonly TrainingProgress[]) => part.reduce((sum, { loss }) => sum + loss, 0) / part.length;
    expect(mean(steps.slice(-5))).toBeLessThan(0.5 * mean(steps.slice(0, 5)));
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, n) => n + 1));
    for (const { learningRate, gradientNorm, seconds } of steps) {
      expect(learningRate).toBe(1e-2);
      expect(gradientNorm).toBeGreaterThan(0);
      expect(seconds).toBeGreaterThan(0);
    }
  });

  test("repeats, and resumes from a checkpoint, bit for bit", async () => {
    const validate = ({ weights }: { weights: Float32Array }) => weights[0]!;
    const whole = await all({ validate, validateEvery: 2 });
    const again = await all({ validate, validateEvery: 2, batches: async (step) => batches(step) });
    const bytes = writeCheckpoint(graph, whole[2]!.state);
    const rest = await all({ validate, validateEvery: 2, resume: readCheckpoint(graph, bytes) });
    expect(rest.map(({ step }) => step)).toEqual([4, 5, 6]);
    for (const last of [again.at(-1)!, rest.at(-1)!]) {
      expect(last.state).toEqual(whole.at(-1)!.state);
      expect(last.loss).toBe(whole.at(-1)!.loss);
    }
  });

  test("the states that it gives stay as they are", async () => {
    const states: [TrainingProgress["state"], number][] = [];
    for await (const { state } of fit(graph, options)) states.push([state, state.mean[7]!]);
    for (const [state, noted] of states) expect(state.mean[7]).toBe(noted);
    expect(new Set(states.map(([, noted]) => noted)).size).toBe(6);
  });

  test("the weights go into a network of any size", async () => {
    const { state } = (await all()).at(-1)!;
    const open = small({ seed: 9, size: "size", batch: "batch" });
    const trained = withWeights(open, trainedWeights(graph, state));
    const first = trained.initializers.get(trained.parameters[0]!)!.data;
    expect(first).toEqual(state.average!.subarray(0, first.length));
    const session = await options.backend.load(createModel(encodeGraph(trained)));
    const { y } = await session.run({ x: { dims: [3, 2, 12, 12], data: new Float32Array(3 * 2 * 144) } });
    expect(y!.dims).toEqual([3, 1, 12, 12]);
    await session.dispose();
  });

  test("validates, and ends early", async () => {
    const values = [3, 2, 2, 5, 1];
    const steps = await all({ validate: async () => values.shift()!, validateEvery: 1, patience: 2 });
    expect(steps.map(({ validation }) => validation)).toEqual([
      { value: 3, best: true },
      { value: 2, best: true },
      { value: 2, best: false },
      { value: 5, best: false },
    ]);
    expect(steps.at(-1)!.state.best).toEqual({ step: 2, value: 2, since: 2 });
    const rare = await all({ validate: () => 1, validateEvery: 4 });
    expect(rare.filter(({ validation }) => validation).map(({ step }) => step)).toEqual([4, 6]);
    await expect(all({ validate: () => Number.NaN, validateEvery: 2 })).rejects.toThrowError(/validation after step 2 is NaN/);
  });

  test("asks for the next batch before it runs a step", async () => {
    const events: string[] = [];
    const logged: Backend = {
      name: "logged",
      async load(model, load) {
        const session = await options.backend.load(model, load);
        return {
          ...session,
          run(inputs, run) {
            events.push(`run ${inputs["step"]!.data[0]}`);
            return session.run(inputs, run);
          },
        };
      },
    };
    const noted = (step: number) => {
      events.push(`batch ${step}`);
      return batches(step);
    };
    for await (const _ of fit(graph, { ...options, steps: 3, backend: logged, batches: noted }));
    // Asked for in a turn of its own, so that a worker starts on it before a run blocks the thread.
    expect(events.filter((event) => event.startsWith("batch"))).toEqual(["batch 1", "batch 2", "batch 3"]);
    expect(events.indexOf("batch 2")).toBeLessThan(events.indexOf("run 1"));
    expect(events.indexOf("batch 3")).toBeLessThan(events.indexOf("run 2"));
  });

  test("stops where a number is none any more, and names the step", async () => {
    const poisoned = (step: number) => {
      const batch = batches(step);
      if (step === 3) batch["target"]!.data[5] = Number.NaN;
      return batch;
    };
    const seen: number[] = [];
    const run = async () => {
      for await (const { step } of fit(graph, { ...options, batches: poisoned })) seen.push(step);
    };
    await expect(run()).rejects.toThrowError(
      expect.objectContaining({ code: "not-converged", message: expect.stringMatching(/step 3 the loss is NaN/) }),
    );
    expect(seen).toEqual([1, 2]);
  });

  test("is cancelled between steps, and frees its session", async () => {
    const controller = new AbortController();
    let disposed = 0;
    const counting: Backend = {
      name: "counting",
      async load(model, load) {
        const session = await options.backend.load(model, load);
        const dispose = () => {
          disposed++;
          return session.dispose();
        };
        return { ...session, dispose };
      },
    };
    const run = async () => {
      for await (const { step } of fit(graph, { ...options, backend: counting, signal: controller.signal }))
        if (step === 2) controller.abort();
    };
    await expect(run()).rejects.toThrowError(expect.objectContaining({ code: "aborted" }));
    expect(disposed).toBe(1);
    for await (const _ of fit(graph, { ...options, backend: counting })) break;
    expect(disposed).toBe(2);
    await expect(all({ signal: AbortSignal.abort() })).rejects.toThrowError(expect.objectContaining({ code: "aborted" }));
  });

  test("passes on what batches throw, and refuses wrong ones", async () => {
    const broken = (step: number) => (step === 2 ? Promise.reject(new Error("no such file")) : batches(step));
    await expect(all({ batches: broken })).rejects.toThrowError("no such file");
    const { target: _, ...rest } = batches(1);
    await expect(all({ batches: () => rest })).rejects.toThrowError(expect.objectContaining({ code: "out-of-range" }));
    await expect(all({ steps: 0 })).rejects.toThrowError(/steps/);
  });
});

describe("checkpoints", () => {
  const state = { ...initialState(graph, { average: true }), step: 7, best: { step: 4, value: 0.1 + 0.2, since: 3 } };

  test("write and read are one another's undoing", () => {
    expect(readCheckpoint(graph, writeCheckpoint(graph, state))).toEqual(state);
    const { average: _, best: __, ...plain } = state;
    expect(readCheckpoint(graph, writeCheckpoint(graph, plain))).toEqual(plain);
  });

  test("refuse another network's, and other files", () => {
    const other = small({ features: 3 });
    const refused = (message: RegExp) => expect.objectContaining({ code: "bad-model", message: expect.stringMatching(message) });
    expect(() => readCheckpoint(other, writeCheckpoint(graph, state))).toThrowError(
      refused(/no weights\.in\.weight of \[3, 2, 3, 3\]/),
    );
    expect(() => writeCheckpoint(other, state)).toThrowError(refused(/another network's/));
    expect(() => trainedWeights(other, state)).toThrowError(refused(/another network's/));
    expect(() => readCheckpoint(graph, writeSafetensors(weightsOf(network)))).toThrowError(refused(/no checkpoint/));
    expect(() => readCheckpoint(graph, writeCheckpoint(graph, state).subarray(0, -4))).toThrowError(refused(/safetensors/));
    const smaller = { ...graph, parameters: graph.parameters.slice(1) };
    expect(() => readCheckpoint(smaller, writeCheckpoint(graph, state))).toThrowError(refused(/has 16 tensors, not 12/));
  });

  test("a resumed training that keeps no average yet begins it with the weights", async () => {
    const { average: _, ...plain } = state;
    const run = fit(graph, { ...options, steps: 8, resume: plain, schedule: constant(1e-3) });
    const { value } = await run.next();
    expect((value as TrainingProgress).state.average).toHaveLength(state.weights.length);
    await run.return();
  });
});
