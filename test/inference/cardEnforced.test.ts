import { describe, expect, test } from "vitest";
import type { Session } from "../../src/backend/index.js";
import { createGrid, createMask, createVolume, type Vec3 } from "../../src/index.js";
import { networkRestorer } from "../../src/inference/networkRestorer.js";
import type { ModelCard } from "../../src/model/index.js";
import { fullCard } from "../model/cards.js";
import { eachVoxel } from "../support/oracles.js";

const shape: Vec3 = [20, 18, 12];
const grid = createGrid({ shape });
const count = 20 * 18 * 12;
const pre = createVolume(
  Float32Array.from({ length: count }, (_, v) => 0.9 + 0.1 * Math.sin(v / 40)),
  grid,
);
const low = createVolume(
  pre.data.map((v, n) => v + (n % 13) / 100),
  grid,
);
const brain = createMask(new Array(count).fill(1), grid);
const scan = { pre, low, dose: 0.1, brain };

/** Gives its input back, but 100 in a border of two voxels. */
const spoilt: Session = {
  device: "fake",
  inputs: [{ name: "x" }],
  outputs: [{ name: "y" }],
  run: async ({ x }) => {
    const [n, , nk, nj, ni] = x!.dims as [number, number, number, number, number];
    const data = x!.data.slice();
    for (let m = 0; m < n; m++)
      eachVoxel([ni, nj, nk], (i, j, k, index) => {
        if (Math.min(i, j, k, ni - 1 - i, nj - 1 - j, nk - 1 - k) < 2) data[m * ni * nj * nk + index] = 100;
      });
    return { y: { dims: x!.dims, data } };
  },
  dispose: async () => undefined,
};
const card = (change: Partial<ModelCard> = {}): ModelCard => ({
  ...fullCard,
  inputs: [{ name: "x", channels: [{ name: "difference", offset: 0, scale: 1 }] }],
  output: { name: "y", meaning: "signal", offset: 0, scale: 1 },
  patch: { window: [12, 12, 12], divisibleBy: [4, 4, 4], marginVoxels: 2, overlap: 0.25 },
  ...change,
});

describe("a card is kept to", () => {
  test("margins: what the network gives there isn't used but at the ends of the volume", async () => {
    const { data } = await networkRestorer(spoilt, card()).signal(scan);
    eachVoxel(shape, (i, j, k, index) => {
      const atEnd = Math.min(i, j, k, 19 - i, 17 - j, 11 - k) < 2;
      expect(data[index]).toBe(atEnd ? 100 : Math.fround(low.data[index]! - pre.data[index]!));
    });
  });

  test("margins that leave nothing of a window are refused, windows that the network can't divide too", async () => {
    const thin = networkRestorer(spoilt, card({ patch: { ...card().patch, marginVoxels: 6 } }));
    await expect(async () => thin.signal(scan)).rejects.toMatchObject({
      code: "out-of-range",
      message: expect.stringMatching(/margins of 6/),
    });
    const odd = networkRestorer(spoilt, card(), { window: [10, 12, 12] });
    await expect(async () => odd.signal(scan)).rejects.toMatchObject({
      code: "out-of-range",
      message: expect.stringMatching(/multiples of \[4,4,4\]/),
    });
  });

  test("preprocessing: another spacing or scale is not prepared, and the network isn't asked", async () => {
    let runs = 0;
    const counting: Session = {
      ...spoilt,
      run: (inputs) => {
        runs++;
        return spoilt.run(inputs);
      },
    };
    const wants = (preprocessing: Partial<ModelCard["preprocessing"]>) =>
      networkRestorer(counting, card({ preprocessing: { ...fullCard.preprocessing, ...preprocessing } }));
    const fine = wants({ spacingMm: [0.5, 0.5, 0.5] });
    await expect(async () => fine.signal(scan)).rejects.toMatchObject({
      code: "not-prepared",
      message: expect.stringMatching(/0\.5×0\.5×0\.5 mm/),
    });
    const raw = { ...scan, pre: { grid, data: pre.data.map((v) => 700 * v) }, low: { grid, data: low.data.map((v) => 700 * v) } };
    await expect(async () => wants({}).signal(raw)).rejects.toMatchObject({
      code: "not-prepared",
      message: expect.stringMatching(/95th percentile/),
    });
    expect(runs).toBe(0);
  });
});
