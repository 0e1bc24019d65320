import { afterAll, describe, expect, test } from "vitest";
import { cpu, type Session, type SessionValue, type Tensor, type Tensors } from "../../src/backend/index.js";
import { mirrored } from "../../src/inference/mirrored.js";
import { predictor } from "../../src/inference/predictor.js";
import { slidingWindow } from "../../src/inference/slidingWindow.js";
import { createModel, type ModelCard, parseCard, pinetzConditions } from "../../src/model/index.js";
import { absent } from "../backend/runtime.js";
import { extrapolationCard, fullCard } from "../model/cards.js";
import { convolutionModel, extrapolationModel } from "../model/tinyOnnx.js";
import { volumeOf } from "../support/arbitraries.js";
import { maxAbsDifference } from "../support/oracles.js";

const tensor = (dims: readonly number[], data: readonly number[]): Tensor => ({ dims, data: Float32Array.from(data) });

interface FakeOptions {
  readonly inputs?: readonly SessionValue[];
  readonly outputs?: readonly SessionValue[];
  /** By default the first input comes back. */
  readonly run?: (inputs: Tensors) => Tensor;
}

/** A session that notes what it gets. */
function fakeSession({ inputs = [{ name: "image" }], outputs = [{ name: "restored" }], run }: FakeOptions = {}) {
  const runs: Tensors[] = [];
  const session: Session = {
    device: "fake",
    inputs,
    outputs,
    run: async (given) => {
      runs.push(given);
      const { dims, data } = given[inputs[0]!.name]!;
      return { restored: run?.(given) ?? { dims, data: data.slice() } };
    },
    dispose: async () => undefined,
  };
  return { session, runs };
}

const refused = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("predictor", () => {
  test("hands patches over as they are where there is nothing to scale", async () => {
    const { session, runs } = fakeSession();
    const patches = tensor([2, 1, 1, 1, 2], [1, 2, 3, 4]);
    const output = await predictor(session, fullCard)(patches);
    expect(runs[0]!["image"]!.data).toBe(patches.data);
    expect(output).toEqual(patches);
  });

  test("scales channels in, conditions as a vector for each patch, and the output back", async () => {
    const { session, runs } = fakeSession({
      inputs: [{ name: "image" }, { name: "low" }, { name: "c" }],
      run: () => tensor([2, 1, 1, 1, 2], [1, 2, 3, 4]),
    });
    const card: ModelCard = {
      ...fullCard,
      inputs: [
        {
          name: "image",
          channels: [
            { name: "pre", offset: 1, scale: 2 },
            { name: "flair", offset: 0, scale: 1 },
          ],
        },
        { name: "low", channels: [{ name: "low", offset: 0, scale: -1 }] },
      ],
      conditions: { input: "c", values: pinetzConditions },
      output: { ...fullCard.output, offset: 5, scale: 10 },
    };
    const conditions = { dose: 0.25, relaxivity: 4.5, noise: 0.05 };
    const patches = tensor([2, 3, 1, 1, 2], [1, 3, 10, 20, 5, 6, 7, 9, 30, 40, 8, 9]);
    const output = await predictor(session, card, { conditions })(patches);
    expect(runs).toEqual([
      {
        image: tensor([2, 2, 1, 1, 2], [0, 1, 10, 20, 3, 4, 30, 40]),
        low: tensor([2, 1, 1, 1, 2], [-5, -6, -8, -9]),
        c: tensor([2, 4], [0.25, 1, 0.45, 0.5, 0.25, 1, 0.45, 0.5]),
      },
    ]);
    expect(output).toEqual(tensor([2, 1, 1, 1, 2], [15, 25, 35, 45]));
    expect([...patches.data]).toEqual([1, 3, 10, 20, 5, 6, 7, 9, 30, 40, 8, 9]);
  });

  test("a network with a fixed batch runs as often as it takes, the last time with zeros", async () => {
    const { session, runs } = fakeSession({ inputs: [{ name: "image", dims: [2, 1, "k", "j", "i"] }] });
    const patches = tensor([3, 1, 1, 1, 2], [1, 2, 3, 4, 5, 6]);
    expect(await predictor(session, fullCard)(patches)).toEqual(patches);
    expect(runs.map((run) => [...run["image"]!.data])).toEqual([
      [1, 2, 3, 4],
      [5, 6, 0, 0],
    ]);
  });

  test("a 2-D network takes patches of one slice", async () => {
    const { session, runs } = fakeSession({
      inputs: [{ name: "image", dims: ["n", 1, "j", "i"] }],
      outputs: [{ name: "restored", dims: ["n", 1, "j", "i"] }],
    });
    const patches = tensor([1, 1, 1, 2, 2], [1, 2, 3, 4]);
    expect(await predictor(session, fullCard)(patches)).toEqual(patches);
    expect(runs[0]!["image"]!.dims).toEqual([1, 1, 2, 2]);
    await expect(predictor(session, fullCard)(tensor([1, 1, 2, 1, 1], [1, 2]))).rejects.toThrow(/2-D.*one slice/);
  });

  describe("refuses", () => {
    const make =
      (fake: FakeOptions, card: Partial<ModelCard>, conditions = {}) =>
      () =>
        predictor(fakeSession(fake).session, { ...fullCard, ...card }, { conditions });

    test("a card that isn't the model's", () => {
      expect(make({ inputs: [{ name: "x" }] }, {})).toThrow(
        refused("bad-model", /names the input "image", but the model's inputs are "x"/),
      );
      expect(make({ inputs: [{ name: "image" }, { name: "more" }] }, {})).toThrow(
        refused("bad-model", /input\(s\) "more", which the card doesn't name/),
      );
      expect(make({ outputs: [{ name: "y" }] }, {})).toThrow(
        refused("bad-model", /names the output "restored", but the model's outputs are "y"/),
      );
      expect(make({ inputs: [{ name: "image", dims: [1, 2, 8, 8, 8] }] }, {})).toThrow(
        refused("bad-model", /"image" is a tensor \[1, 2, 8, 8, 8\], but the card wants 1 along the second/),
      );
      expect(make({ inputs: [{ name: "image", dims: [1, 1] }] }, {})).toThrow(refused("bad-model", /of 5 or 4 dimensions/));
      const conditions = { input: "c", values: pinetzConditions };
      expect(make({ inputs: [{ name: "image" }, { name: "c", dims: ["n", 3] }] }, { conditions })).toThrow(
        refused("bad-model", /"c" is a tensor \[n, 3\], but the card wants 4/),
      );
    });

    test("conditions that are missing, unknown, no numbers or out of range", () => {
      const fake = { inputs: [{ name: "image" }, { name: "c" }] };
      const conditions = { input: "c", values: pinetzConditions };
      const given = { dose: 0.1, relaxivity: 4, noise: 0.1 };
      expect(make(fake, { conditions }, given)).not.toThrow();
      expect(make(fake, { conditions }, { ...given, noise: undefined })).toThrow(
        refused("out-of-range", /needs the condition "noise" \(95th/),
      );
      expect(make(fake, { conditions }, { ...given, age: 3 })).toThrow(refused("out-of-range", /it has no "age"/));
      expect(make(fake, { conditions }, { ...given, noise: NaN })).toThrow(refused("out-of-range", /"noise"/));
      expect(make(fake, { conditions }, { ...given, dose: 1.5 })).toThrow(
        refused("out-of-range", /"dose" is 1.5, but the model was trained from 0 to 1/),
      );
      expect(make({}, {}, { dose: 1 })).toThrow(refused("out-of-range", /conditions are none; it has no "dose"/));
    });

    test("patches and outputs that don't fit", async () => {
      const { session } = fakeSession({ run: () => tensor([1, 1, 1, 1, 1], [0]) });
      const card = parseCard({ ...fullCard, patch: { window: [8, 8, 8], divisibleBy: [2, 1, 4] } });
      const restore = predictor(session, card);
      const bad = (patches: Tensor) => expect(restore(patches)).rejects;
      await bad(tensor([1, 2, 4, 1, 2], Array(16).fill(0))).toThrow(
        refused("out-of-range", /patches of 1 channel\(s\) \(pre\), but these are \[1, 2, 4, 1, 2\]/),
      );
      await bad(tensor([1, 1, 2, 4], Array(8).fill(0))).toThrow(
        refused("out-of-range", /Patches are a tensor \[batch, channel, k, j, i\]/),
      );
      await bad(tensor([1, 1, 4, 1, 2], [0])).toThrow(refused("out-of-range", /with 1 values/));
      await bad(tensor([1, 1, 2, 1, 2], Array(4).fill(0))).toThrow(refused("out-of-range", /multiples of \[2,1,4\]/));
      await bad(tensor([1, 1, 4, 1, 2], Array(8).fill(0))).toThrow(
        refused(
          "bad-model",
          /Output "restored" must be a tensor \[1, channels, 4, 1, 2\] like the patches, but is \[1, 1, 1, 1, 1\]/,
        ),
      );
    });
  });

  describe.skipIf(absent)("with ONNX Runtime", () => {
    const sessions: Session[] = [];
    const load = async (bytes: Uint8Array) => {
      const session = await cpu({ threads: 1 }).load(createModel(bytes));
      sessions.push(session);
      return session;
    };
    afterAll(() => Promise.all(sessions.map((session) => session.dispose())));

    const shape = [11, 9, 7] as const;
    const pre = volumeOf(
      shape,
      Array.from({ length: 693 }, (_, v) => (v * 37) % 101),
    );
    const low = volumeOf(
      shape,
      Array.from({ length: 693 }, (_, v) => ((v * 37) % 101) + (v % 5)),
    );

    test("a voxelwise network through windows, batches and mirrors is the network on the whole", async () => {
      const restore = predictor(await load(extrapolationModel()), extrapolationCard, { conditions: { gain: 8 } });
      const options = { window: [4, 5, 3] as const, batch: 3 };
      const expected = pre.data.map((v, i) => v + (low.data[i]! - v) * 8);
      for (const wrapped of [restore, mirrored(restore, { axes: [0, 2] })])
        expect((await slidingWindow([pre, low], wrapped, options)).data).toEqual(expected);
    });

    test("a convolution in uniform windows that don't overlap, within each window", async () => {
      const weights = new Float32Array(27);
      weights[12] = 1; // the neighbour at i − 1
      const restore = predictor(await load(convolutionModel(weights)), fullCard);
      const { data } = await slidingWindow([pre], restore, { window: [11, 9, 7] });
      expect(data).toEqual(pre.data.map((_, at) => (at % 11 === 0 ? 0 : pre.data[at - 1]!)));
      const halves = await slidingWindow([pre], restore, { window: [6, 9, 7], overlap: 0, weighting: "uniform" });
      // Windows at 0 and 5: voxel 5 is the last of one, and the first (which has no neighbour) of the other.
      const expected = pre.data.map((_, at) => (at % 11 === 0 ? 0 : at % 11 === 5 ? pre.data[at - 1]! / 2 : pre.data[at - 1]!));
      expect(maxAbsDifference(halves, { data: expected })).toBe(0);
    });
  });
});
