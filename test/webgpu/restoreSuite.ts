import { afterAll, describe, expect, test } from "vitest";
import type { Session } from "../../src/backend/index.js";
import { createGrid, createMask, createVolume } from "../../src/index.js";
import { networkRestorer, restoreDose as restoreOnCpu } from "../../src/inference/index.js";
import { fillNormal } from "../../src/internal/random.js";
import { createModel, type ModelCard } from "../../src/model/index.js";
import { type GpuSession, loadOnGpu, restoreDose } from "../../src/webgpu/index.js";
import { extrapolationCard } from "../model/cards.js";
import { extrapolationModel } from "../model/tinyOnnx.js";
import { ULP } from "./suite.js";

const grid = createGrid({ shape: [13, 10, 11] });
const count = 13 * 10 * 11;
const noise = (seed: number) => {
  const data = new Float32Array(count);
  fillNormal(data, seed);
  return data;
};
const brain = createMask(
  noise(1).map((_, at) => (at % 13 > 1 ? 1 : 0)),
  grid,
);
const pre = createVolume(
  noise(2).map((v, at) => (at % 13 > 1 ? 0.85 + 0.1 * v : 0)),
  grid,
);
const low = createVolume(
  noise(3).map((v, at) => (at % 13 > 1 ? pre.data[at]! + 0.05 * v + (at % 7 === 0 ? 0.2 : 0) : 0)),
  grid,
);
const scan = { pre, low, dose: 0.25, brain };

/** What `extrapolationModel` computes: the first channel, and the difference to the second times the condition. */
const onCpu = ({ inputs, outputs }: GpuSession): Session => ({
  ...{ device: "plain", inputs, outputs },
  async run({ image, conditions }) {
    const size = image!.data.length / 2;
    const gain = conditions!.data[0]!;
    const data = image!.data.slice(0, size).map((a, v) => a + (image!.data[size + v]! - a) * gain);
    return { restored: { dims: [1, 1, ...image!.dims.slice(2)], data } };
  },
  dispose: async () => undefined,
});

const channels = (first: string, second: string) => [
  {
    name: "image",
    channels: [
      { name: first, offset: 0.1, scale: 2 },
      { name: second, offset: 0, scale: 1 },
    ],
  },
];

const cards: readonly [string, ModelCard][] = [
  ["standard dose", { ...extrapolationCard, output: { name: "restored", meaning: "standard-dose", offset: 0.2, scale: 3 } }],
  [
    "signal",
    { ...extrapolationCard, inputs: channels("pre", "difference"), output: { ...extrapolationCard.output, meaning: "signal" } },
  ],
  [
    "residual",
    { ...extrapolationCard, inputs: channels("low", "flair"), output: { ...extrapolationCard.output, meaning: "residual" } },
  ],
  [
    "normalised signal",
    {
      ...extrapolationCard,
      inputs: channels("normalized-difference", "local-sd"),
      output: { ...extrapolationCard.output, meaning: "normalized-signal" },
    },
  ],
  [
    "noise, of what is near it",
    {
      ...extrapolationCard,
      inputs: channels("clamped-difference", "pre"),
      output: { ...extrapolationCard.output, meaning: "noise" },
    },
  ],
  [
    "noise",
    {
      ...extrapolationCard,
      inputs: channels("asinh-difference", "fine-difference"),
      output: { ...extrapolationCard.output, meaning: "noise" },
      conditions: { input: "conditions", values: [{ name: "ln-noise", unit: "1", offset: 0, scale: 1, range: [-10, 0] }] },
    },
  ],
];

/** The whole chain on the device of ONNX Runtime, compared with the CPU's with a network that is written out. */
export function restoreSuite(name: string, skip?: string): void {
  describe.skipIf(skip !== undefined)(`restoreDose on ${name}${skip === undefined ? "" : ` (skipped: ${skip})`}`, () => {
    let session: GpuSession | undefined;
    afterAll(() => session?.dispose());

    for (const [meaning, card] of cards)
      test(`a network that gives the ${meaning}`, async () => {
        session ??= await loadOnGpu(createModel(extrapolationModel()));
        const conditions: Record<string, number> = card.conditions?.values[0]?.name === "gain" ? { gain: 1.5 } : {};
        const options = { conditions, others: { flair: low }, window: [8, 10, 6] as const };
        const expected = await restoreOnCpu(networkRestorer(onCpu(session), card, options), scan);
        const stages: string[] = [];
        const restored = await restoreDose(session, card, scan, {
          ...options,
          onProgress: ({ stage }) => void stages.push(stage),
        });
        expect(restored.grid).toEqual(grid);
        expect(stages.length).toBeGreaterThan(1);
        const scale = Math.max(...expected.data.map(Math.abs));
        const worst = Math.max(...restored.data.map((v, at) => Math.abs(v - expected.data[at]!)));
        // The local moments' tolerance, of a difference of about a third of the range, and sums over windows.
        expect(worst / scale / ULP).toBeLessThanOrEqual(128);
      });

    test("refuses what the CPU refuses, and the session lives on", async () => {
      session ??= await loadOnGpu(createModel(extrapolationModel()));
      const card = cards[0]![1];
      const refused = (options: object, code: string, of: object = scan, asked: ModelCard = card) =>
        expect(restoreDose(session!, asked, of as typeof scan, options)).rejects.toMatchObject({ code });
      await refused({}, "out-of-range");
      await refused({ conditions: { gain: 1000 } }, "out-of-range");
      await refused({ conditions: { gain: 1, other: 1 } }, "out-of-range");
      await refused({ conditions: { gain: 1 } }, "out-of-range", { ...scan, dose: 0 });
      await refused({ conditions: { gain: 1 } }, "not-prepared", {
        ...scan,
        pre: createVolume(
          pre.data.map((v) => v * 100),
          grid,
        ),
      });
      await refused({ conditions: { gain: 1 } }, "not-prepared", scan, cards[2]![1]);
      await refused({ conditions: { gain: 1 } }, "bad-model", scan, { ...card, output: { ...card.output, name: "other" } });
      await refused({ conditions: { gain: 1 }, signal: AbortSignal.abort() }, "aborted");
      await restoreDose(session, card, scan, { conditions: { gain: 1 } });
    });

    test("after dispose there is nothing to run", async () => {
      const other = await loadOnGpu(createModel(extrapolationModel()));
      await other.dispose();
      await expect(restoreDose(other, cards[0]![1], scan, { conditions: { gain: 1 } })).rejects.toMatchObject({
        code: "no-backend",
      });
    });
  });
}
