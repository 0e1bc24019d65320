import { afterAll, describe, expect, test } from "vitest";
import { cpu, type Session, type Tensors } from "../../src/backend/index.js";
import { noiseLevel } from "../../src/enhancement/noiseLevel.js";
import { normalizeNoise } from "../../src/enhancement/normalizeNoise.js";
import { subtract } from "../../src/enhancement/subtract.js";
import { createMask, createVolume, type Mask, type Volume } from "../../src/index.js";
import { networkRestorer } from "../../src/inference/networkRestorer.js";
import { linearExtrapolation, restoreDose } from "../../src/inference/restorer.js";
import { fillNormal } from "../../src/internal/random.js";
import { createModel, type ModelCard, type OutputMeaning, parseCard } from "../../src/model/index.js";
import { noiseUnitConditions, noiseUnitsCard } from "../../src/model/noiseUnitsCard.js";
import { createBatch, writeDosePatch } from "../../src/training/samples/doseBatch.js";
import { absent } from "../backend/runtime.js";
import { extrapolationCard } from "../model/cards.js";
import { extrapolationModel } from "../model/tinyOnnx.js";
import { volumeOf } from "../support/arbitraries.js";
import { maxAbsDifference } from "../support/oracles.js";

const shape = [12, 10, 9] as const;
const count = 12 * 10 * 9;
const pre: Volume = volumeOf(
  shape,
  Array.from({ length: count }, (_, v) => 0.8 + 0.2 * Math.sin(v / 40)),
);
const noise = new Float32Array(count);
fillNormal(noise, 1);
const low = createVolume(
  pre.data.map((v, i) => v + 0.02 * noise[i]! + (i % 97 === 0 ? 0.1 : 0)),
  pre.grid,
);
const brain: Mask = createMask(new Array(count).fill(1), pre.grid);
const scan = { pre, low, dose: 0.25, brain };

/** A session whose output is its first channel, plus 1; notes what it gets. */
function fakeSession() {
  const runs: Tensors[] = [];
  const session: Session = {
    device: "fake",
    inputs: [{ name: "image" }, { name: "c" }],
    outputs: [{ name: "restored" }],
    run: async (inputs) => {
      runs.push(Object.fromEntries(Object.entries(inputs).map(([name, { dims, data }]) => [name, { dims, data: data.slice() }])));
      const { dims, data } = inputs["image"]!;
      const [n, channels, ...window] = dims as [number, number, ...number[]];
      return { restored: { dims: [n, 1, ...window], data: data.slice(0, data.length / channels).map((v) => v + 1) } };
    },
    dispose: async () => undefined,
  };
  return { session, runs };
}

const cardFor = (channels: readonly string[], meaning: OutputMeaning): ModelCard => ({
  ...extrapolationCard,
  name: "fake net",
  inputs: [{ name: "image", channels: channels.map((name) => ({ name, offset: 0, scale: 1 })) }],
  conditions: {
    input: "c",
    values: [
      { name: "dose", unit: "1", offset: 0, scale: 1 },
      { name: "noise", unit: "1", offset: 0, scale: 1 },
    ],
  },
  output: { name: "restored", meaning, offset: 0, scale: 1 },
  patch: { window: [12, 10, 9], divisibleBy: [1, 1, 1], marginVoxels: 0, overlap: 0.5 },
});

describe("networkRestorer", () => {
  test("gives the network the channels and conditions that its card asks for", async () => {
    const { session, runs } = fakeSession();
    const card = cardFor(["low", "pre", "difference", "normalized-difference", "local-sd", "flair"], "signal");
    const flair = createVolume(new Float32Array(count).fill(3), pre.grid);
    const restorer = networkRestorer(session, card, { others: { flair } });
    expect(restorer.name).toBe("fake net");
    const signal = await restorer.signal(scan);
    expect(signal.data).toEqual(low.data.map((v) => v + 1));

    const { normalized, sd, sigma } = normalizeNoise(subtract(pre, low), { brain });
    const channels = [low, pre, subtract(pre, low), normalized, sd, flair];
    expect(runs[0]!["image"]!.data).toEqual(Float32Array.from(channels.flatMap(({ data }) => [...data])));
    expect(runs[0]!["c"]!.data).toEqual(Float32Array.of(0.25, sigma));
    // Given conditions go before the scan's.
    await networkRestorer(session, card, { others: { flair }, conditions: { noise: 0.5 } }).signal(scan);
    expect(runs[1]!["c"]!.data).toEqual(Float32Array.of(0.25, 0.5));
  });

  test("every meaning of the output becomes the signal of the standard dose", async () => {
    const { sd, sigma } = normalizeNoise(subtract(pre, low), { brain });
    const expected: Record<OutputMeaning, (v: number) => number> = {
      signal: (v) => low.data[v]! + 1,
      "standard-dose": (v) => low.data[v]! + 1 - pre.data[v]!,
      residual: (v) => low.data[v]! - pre.data[v]! + low.data[v]! + 1,
      "normalized-signal": (v) => ((low.data[v]! + 1) * sd.data[v]!) / sigma,
      // With σ = 0.5 given: (u − noise) · σ/d
      noise: (v) => (((low.data[v]! - pre.data[v]!) / 0.5 - (low.data[v]! + 1)) * 0.5) / 0.25,
    };
    for (const meaning of Object.keys(expected) as OutputMeaning[]) {
      const { data } = await networkRestorer(fakeSession().session, cardFor(["low"], meaning), { sigma: 0.5 }).signal(scan);
      const exact = { data: Float64Array.from(data, (_, v) => expected[meaning](v)) };
      // Sums and products of numbers up to 5, each rounded to float32 at most three times.
      expect(maxAbsDifference({ data }, exact)).toBeLessThan(6 * 2 ** -23);
    }
  });

  describe("in units of noise", () => {
    const card: ModelCard = {
      ...extrapolationCard,
      ...noiseUnitsCard,
      name: "noise",
      patch: { window: [6, 10, 9], divisibleBy: [1, 1, 1], marginVoxels: 0, overlap: 0 },
    };
    /** Notes what it gets; its output is 0: no noise is found. */
    const silent = () => {
      const runs: Tensors[] = [];
      const session: Session = {
        device: "fake",
        inputs: [{ name: "x" }, { name: "conditions" }],
        outputs: [{ name: "y" }],
        run: async (inputs) => {
          runs.push(inputs);
          const [n, , ...window] = inputs["x"]!.dims;
          return { y: { dims: [n!, 1, ...window], data: new Float32Array(inputs["x"]!.data.length / 3) } };
        },
        dispose: async () => undefined,
      };
      return { session, runs };
    };

    test("gives the network what samples gave it in training", async () => {
      const { session, runs } = silent();
      const sigma = noiseLevel(subtract(pre, low), { brain, estimator: "highpass-mad" });
      const whole: ModelCard = { ...card, patch: { ...card.patch, window: [12, 10, 9] } };
      const signal = await networkRestorer(session, whole).signal(scan);
      // No noise found: the linear extrapolation, by one rounding more.
      const linear = await linearExtrapolation().signal(scan);
      expect(maxAbsDifference(signal, linear)).toBeLessThan(1e-6);

      // The same low dose as a sample: all its noise in `noise`.
      const tensors = createBatch(1, [12, 10, 9], 3);
      const sample = { pre: pre.data, post: pre.data, content: brain.data, dose: 0.25, enhancementWeight: 0 };
      const noise = low.data.map((v, i) => (v - pre.data[i]!) / (sigma * Math.sqrt(1 - 0.0625)));
      writeDosePatch(tensors, 0, noiseUnitConditions, { ...sample, sigma, estimatedSigma: sigma, noise });
      // asinh of numbers up to 10, and the scan itself.
      expect(maxAbsDifference(runs[0]!["x"]!, tensors.x)).toBeLessThan(2e-6);
      expect(runs[0]!["conditions"]!.data).toEqual(tensors.conditions.data);
    });

    test("tells the network of more noise than there is, if it is asked to", async () => {
      const { session, runs } = silent();
      await networkRestorer(session, card, { noiseFactor: 1.5, sigma: 0.02 }).signal(scan);
      await networkRestorer(session, card, { sigma: 0.03 }).signal(scan);
      const half = runs.length / 2;
      for (let n = 0; n < half; n++) expect(maxAbsDifference(runs[n]!["x"]!, runs[half + n]!["x"]!)).toBeLessThan(1e-6);
      expect(() => networkRestorer(session, card, { noiseFactor: 0 })).toThrow(expect.objectContaining({ code: "out-of-range" }));
    });

    test("is not run where nothing has changed, and gives no signal there", async () => {
      const half = createVolume(
        low.data.map((v, i) => (i % 12 < 6 ? v : pre.data[i]!)),
        pre.grid,
      );
      const { session, runs } = silent();
      const { data } = await networkRestorer(session, card, { sigma: 0.02 }).signal({ ...scan, low: half });
      expect(runs).toHaveLength(1);
      expect(data.every((v, i) => (v === 0) === (half.data[i] === pre.data[i]))).toBe(true);
    });

    test("refuses scans without noise, unless it is told", async () => {
      const restorer = networkRestorer(silent().session, card);
      await expect(Promise.resolve(restorer.signal({ ...scan, low: pre }))).rejects.toMatchObject({
        code: "out-of-range",
        message: expect.stringMatching(/Give it, if it is known/),
      });
      expect(() => networkRestorer(silent().session, card, { sigma: 0 })).toThrow(
        expect.objectContaining({ code: "out-of-range" }),
      );
    });

    test("its part of a card is valid", () => {
      expect(parseCard(card)).toEqual(card);
    });
  });

  test("refuses a channel that nobody gives, and is cancelled", async () => {
    const { session } = fakeSession();
    const restorer = networkRestorer(session, cardFor(["adc"], "signal"));
    await expect(Promise.resolve(restorer.signal(scan))).rejects.toMatchObject({
      code: "not-prepared",
      message: expect.stringMatching(/channel "adc"/),
    });
    const cancelled = networkRestorer(session, cardFor(["low"], "signal")).signal(scan, { signal: AbortSignal.abort() });
    await expect(Promise.resolve(cancelled)).rejects.toMatchObject({ code: "aborted" });
  });

  describe.skipIf(absent)("with ONNX Runtime", () => {
    let session: Session | undefined;
    afterAll(() => session?.dispose());

    test("a network that extrapolates is linear extrapolation, mirrored or not", async () => {
      session = await cpu({ threads: 1 }).load(createModel(extrapolationModel()));
      const expected = await restoreDose(linearExtrapolation(), scan);
      for (const mirror of [false, true]) {
        const restorer = networkRestorer(session, extrapolationCard, { conditions: { gain: 4 }, mirror });
        const done: number[] = [];
        const restored = await restoreDose(restorer, scan, { onProgress: (progress) => done.push(progress.done) });
        // (low − pre) · 4 in float32 against (low − pre) / 0.25: the difference is rounded at other places.
        expect(maxAbsDifference(restored, expected)).toBeLessThan(2e-6);
        expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      }
    });
  });
});
