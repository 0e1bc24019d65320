import { describe, expect, test } from "vitest";
import { type Backend, cpu } from "../../src/backend/index.js";
import { zScore } from "../../src/calibration/index.js";
import { restoreDose } from "../../src/inference/index.js";
import { decodeGraph, type Model, parameterCount } from "../../src/model/index.js";
import {
  amplify,
  bone2022,
  type Checkpoint,
  chen2025,
  chenResults,
  embeddingAnalysis,
  embeddingCharts,
  gong2018,
  loadModels,
  lowDoses,
  mingo2023,
  type PreparedStudy,
  pasumarthi2021,
  pinetz2024,
  prepareStudy,
  type System,
  trainSystem,
} from "../../src/recipes/index.js";
import { absent } from "../backend/runtime.js";
import { smallStudy } from "./pair.js";

const studies = [1, 2, 3].map((seed) => prepareStudy(smallStudy(seed)));
const [study] = studies as [PreparedStudy];
const backend = cpu({ threads: 1 });

const TINY: Readonly<Record<string, System>> = {
  pinetz2024: pinetz2024({
    seed: 1,
    size: "small",
    patch: 16,
    batch: 1,
    steps: 2,
    margin: 2,
    network: { features: 2, scales: 2, unshuffle: 2, embedding: 8 },
  }),
  pasumarthi2021: pasumarthi2021({
    seed: 1,
    size: "small",
    patch: 16,
    batch: 1,
    steps: 2,
    network: { features: [2, 2, 2] },
    anglesDeg: [0],
  }),
  bone2022: bone2022({ seed: 1, size: "small", patch: [16, 16, 16], steps: 2, network: { features: 2, convolutions: [1, 1] } }),
  gong2018: gong2018({ seed: 1, size: "small", patch: 16, batch: 1, steps: 2, network: { features: [2, 2, 2] } }),
  mingo2023: mingo2023({ seed: 1, size: "small", patch: 16, batch: 1, steps: 2, network: { features: [2, 2, 2] } }),
  chen2025: chen2025({
    ...{ seed: 1, size: "small", doses: [0, 0.33], patch: [24, 16], batch: 1, steps: 1 },
    generator: { blocks: [1, 1], features: 2, pyramid: 4, width: 4 },
    discriminator: { features: 2, scales: 1 },
  }),
};

async function trained(system: System): Promise<Model[]> {
  const models: Model[] = [];
  for await (const { step, steps, model, loss } of trainSystem(system, studies, { backend })) {
    expect(loss).toBeTypeOf("number");
    if (step === steps) models.push(await model());
  }
  return models;
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

describe.skipIf(absent)("systems", () => {
  test.each(Object.entries(TINY))("%s trains, is saved with its card, and restores a scan", async (name, system) => {
    const models = await trained(system);
    expect(models).toHaveLength(system.networks.length);
    const loaded = await loadModels(system, models, backend);
    const restorer = system.restorer(loaded, study);
    expect(restorer.name).toBe(name);
    const [low] = lowDoses(study, { doses: [0.33], seed: 1 });
    const restored = await restoreDose(restorer, { ...study, low: low!.volume, dose: 0.33 });
    expect(restored.grid).toEqual(study.pre.grid);
    expect(restored.data.every(Number.isFinite)).toBe(true);
    const amplified = await amplify(restorer, study, { dose: 0.33 });
    expect(amplified.data.every(Number.isFinite)).toBe(true);
    await expect(loadModels(system, [...models, models[0]!], backend)).rejects.toThrowError(/models were given/);
    for (const { session } of loaded) await session.dispose();
  });

  test("the paper's sizes are the defaults", () => {
    const names = (system: System) => system.networks.map((network) => network.name);
    expect(names(chen2025({ seed: 1 }))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map((dose) => `dose-${dose}`));
    expect(names(bone2022({ seed: 1 }))).toEqual([1, 2, 3, 4, 5].map((fold) => `fold-${fold}`));
    expect(names(pinetz2024({ seed: 1 }))).toEqual(["signal"]);
  });

  test("a training that goes on from a checkpoint gives the same model, bit for bit", async () => {
    const [network] = TINY["pinetz2024"]!.networks as [System["networks"][number]];
    const run = async (resume?: Checkpoint, until = 2) => {
      for await (const { step, checkpoint, model } of network.train(studies, { backend, ...(resume && { resume }) }))
        if (step === until) return { checkpoint: checkpoint(), model: await model() };
      throw new Error("It ended early.");
    };
    const half = await run(undefined, 1);
    expect((await run(half.checkpoint)).model.bytes).toEqual((await run()).model.bytes);
  });

  test("the card of Pinetz's model holds γ, and its printed form leaves σ out", async () => {
    const models = await trained(TINY["pinetz2024"]!);
    const { output } = models[0]!.card!;
    expect(output.meaning).toBe("normalized-signal");
    expect(output.scale).toBeGreaterThan(0.5);
    expect(output.scale).toBeLessThan(2);
    const [low] = lowDoses(study, { doses: [0.33], seed: 1 });
    const scan = { ...study, low: low!.volume, dose: 0.33 };
    const settings = { seed: 1, size: "small" } as const;
    const systems = [pinetz2024(settings), pinetz2024({ ...settings, convention: "as-printed" })];
    const loaded = await loadModels(systems[0]!, models, backend);
    const [exact, printed] = await Promise.all(
      systems.map(async (system) => (await system.restorer(loaded, study).signal(scan)).data),
    );
    const ratios = [...exact!].flatMap((v, i) => (Math.abs(v) > 1e-3 ? [printed![i]! / v] : []));
    expect(ratios.length).toBeGreaterThan(100);
    // One factor, σ, everywhere; float32.
    expect(Math.max(...ratios) / Math.min(...ratios)).toBeCloseTo(1, 4);
    expect(ratios[0]!).toBeLessThan(0.5);
  });

  test("Pinetz's network sees scans in training as it does in use, padded to whole blocks", async () => {
    const system = TINY["pinetz2024"]!;
    // Root mean square of each channel of all `x` that sessions get.
    const seen: number[][] = [];
    const watched: Backend = {
      ...backend,
      load: async (model, options) => {
        const session = await backend.load(model, options);
        const run: typeof session.run = (inputs, task) => {
          const { dims, data } = inputs["x"]!;
          const [, channels, ...size] = dims as [number, number, ...number[]];
          const n = size.reduce((product, side) => product * side, 1);
          seen.push(
            Array.from({ length: channels }, (_, c) => Math.sqrt(mean([...data.subarray(c * n, (c + 1) * n)].map((v) => v * v)))),
          );
          return session.run(inputs, task);
        };
        return { ...session, run };
      },
    };
    const models: Model[] = [];
    for await (const { step, model } of trainSystem(system, studies, { backend: watched }))
      if (step === 2) models.push(await model());
    const { inputs, patch } = models[0]!.card!;
    expect(inputs[0]!.channels.map(({ scale }) => scale)).toEqual([0.1, 1, 0.1]);
    expect(patch.divisibleBy).toEqual([4, 4, 4]);

    const trained = seen.splice(0);
    const loaded = await loadModels(system, models, watched);
    const [low] = lowDoses(study, { doses: [0.33], seed: 1 });
    await restoreDose(system.restorer(loaded, study), { ...study, low: low!.volume, dose: 0.33 });
    expect(trained).toHaveLength(2);
    expect(seen).toHaveLength(1);
    for (const c of [0, 1, 2]) {
      const ratio = seen[0]![c]! / mean(trained.map((rms) => rms[c]!));
      expect(ratio).toBeGreaterThan(1 / 3);
      expect(ratio).toBeLessThan(3);
    }
  });

  test("a network learns: the loss of a few steps falls", async () => {
    const system = gong2018({ seed: 1, size: "small", patch: 24, batch: 2, steps: 40, network: { features: [4, 4, 4] } });
    const losses: number[] = [];
    for await (const { loss } of trainSystem(system, studies, { backend })) losses.push(loss);
    expect(mean(losses.slice(-8))).toBeLessThan(mean(losses.slice(0, 8)));
  });

  test("Bône's folds keep patients apart, and a missing sequence is named", async () => {
    const lacking = bone2022({ seed: 1, size: "small", others: ["flair"] });
    await expect(trained(lacking)).rejects.toThrowError(/has no "flair"/);
  });

  test("Bône's card holds the percentiles of all training brains, standardised", async () => {
    const settings = { seed: 1, size: "small", doses: [0.33], folds: 1, patch: [16, 16, 16], steps: 1 } as const;
    const network = { features: 2, convolutions: [1, 1] };
    const cardOf = async (percentiles: readonly [number, number]) =>
      (await trained(bone2022({ ...settings, network, percentiles })))[0]!.card!;
    const pooled = studies
      .flatMap(({ post, brain }) => [...zScore(post, { mask: brain }).volume.data].filter((_, v) => brain.data[v]))
      .sort((a, b) => a - b);
    const whole = (await cardOf([0, 100])).output;
    expect(whole.offset).toBeCloseTo(pooled[0]!, 5);
    expect(whole.offset! + whole.scale!).toBeCloseTo(pooled.at(-1)!, 5);
    const inner = (await cardOf([1, 99])).output;
    expect(inner.offset! + inner.scale!).toBeCloseTo(pooled[Math.round(0.99 * (pooled.length - 1))]!, 2);
    expect(() => bone2022({ seed: 1, percentiles: [99, 1] })).toThrowError(/must rise/);
  });

  test("Chen's results before and after, delineated", async () => {
    const system = TINY["chen2025"]!;
    const loaded = await loadModels(system, await trained(system), backend);
    const results = await chenResults(
      study,
      { system, models: loaded },
      { doses: [0, 0.33], delineate: (_, { lesions }) => lesions! },
    );
    expect(results).toHaveLength(2 * 2 * 5);
    const dice = results.filter(({ metric }) => metric === "dice").map(({ value }) => value);
    expect(dice).toEqual([1, 1, 1, 1]);
    const psnr = (dose: number) =>
      results.find((r) => r.metric === "psnr" && r.dose === dose && r.restorer === "before restoration")!.value;
    // The paper's table 4 follows PSNR(d) = PSNR(0) − 20·log10(1 − d); scans are float32.
    expect(psnr(0.33)).toBeCloseTo(psnr(0) - 20 * Math.log10(0.67), 4);
    await expect(chenResults(study, { system, models: loaded }, { doses: [0.5] })).rejects.toThrowError(/none for 0.5/);
  });

  test("embeddings of conditions, in two planes", async () => {
    const [model] = await trained(TINY["pinetz2024"]!);
    const conditions = [1.5, 3].flatMap((fieldStrengthT) =>
      [0.1, 0.33, 0.66].map((dose) => ({ dose, fieldStrengthT, relaxivity: 4.5, noise: 0.03 })),
    );
    const analysis = await embeddingAnalysis(model!, conditions, { backend, seed: 1 });
    expect(analysis.embeddings.map(({ length }) => length)).toEqual(conditions.map(() => 8));
    // Two linear layers by hand: e = W₁ · silu(W₀ c + b₀) + b₁.
    const graph = decodeGraph(model!.bytes);
    const numbers = (name: string) => graph.initializers.get(`embedding.${name}`)!.data as Float32Array;
    const linear = (layer: number, input: readonly number[]) =>
      [...numbers(`${layer}.bias`)].map(
        (b, row) => b + input.reduce((sum, v, c) => sum + v * numbers(`${layer}.weight`)[row * input.length + c]!, 0),
      );
    const hidden = linear(0, [0.1, (1.5 - 2.25) / 0.75, 0.45, 0.3]).map((v) => v / (1 + Math.exp(-v)));
    linear(1, hidden).forEach((v, n) => expect(analysis.embeddings[0]![n]).toBeCloseTo(v, 5));
    expect(embeddingCharts(analysis).map(({ name }) => name)).toEqual([
      "pca-dose",
      "pca-fieldStrengthT",
      "t-sne-dose",
      "t-sne-fieldStrengthT",
    ]);
    await expect(embeddingAnalysis(model!, [{ dose: 1 }, { dose: 0.5 }], { backend, seed: 1 })).rejects.toThrowError(
      /has no condition/,
    );
    expect(parameterCount(graph)).toBeGreaterThan(0);
  });
});
