import { afterAll, describe, expect, test } from "vitest";
import { cpu, type Session, type Tensors } from "../../src/backend/index.js";
import { normalizeNoise } from "../../src/enhancement/normalizeNoise.js";
import { subtract } from "../../src/enhancement/subtract.js";
import { createMask, createVolume, type Mask, type Volume } from "../../src/index.js";
import { networkRestorer } from "../../src/inference/networkRestorer.js";
import { linearExtrapolation, restoreDose } from "../../src/inference/restorer.js";
import { fillNormal } from "../../src/internal/random.js";
import { createModel, type ModelCard, type OutputMeaning } from "../../src/model/index.js";
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
    };
    for (const meaning of Object.keys(expected) as OutputMeaning[]) {
      const { data } = await networkRestorer(fakeSession().session, cardFor(["low"], meaning)).signal(scan);
      const exact = { data: Float64Array.from(data, (_, v) => expected[meaning](v)) };
      // Sums and products of numbers up to 3, each rounded to float32 at most three times.
      expect(maxAbsDifference({ data }, exact)).toBeLessThan(3 * 2 ** -23);
    }
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
