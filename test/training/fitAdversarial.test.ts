import { describe, expect, test } from "vitest";
import type { Tensors } from "../../src/backend/backend.js";
import { cpu } from "../../src/backend/cpu.js";
import { fillNormal } from "../../src/internal/random.js";
import { conesDiscriminator } from "../../src/model/conesDiscriminator.js";
import { conesGenerator } from "../../src/model/conesGenerator.js";
import { uniformFanIn } from "../../src/model/graph/initialize.js";
import { segmentsOf } from "../../src/training/flatParameters.js";
import {
  type AdversarialProgress,
  adam,
  constant,
  type FitAdversarialOptions,
  fitAdversarial,
  normalizeSpectra,
} from "../../src/training/index.js";

const patch = [34, 34] as const;
const generator = conesGenerator({
  seed: 1,
  blocks: [1],
  features: 2,
  pyramid: 4,
  width: 4,
  layers: 1,
  shifts: true,
  batch: 1,
  patch,
  initialize: uniformFanIn(1),
});
const discriminator = conesDiscriminator({
  seed: 2,
  inputs: 3,
  features: 2,
  scales: 1,
  batch: 2,
  patch,
  initialize: uniformFanIn(2),
});

const batches = (step: number): Tensors => {
  const data = new Float32Array(2 * 34 * 34);
  fillNormal(data, 1, step);
  return {
    x: { dims: [1, 2, 34, 34], data },
    target: { dims: [1, 1, 34, 34], data: data.subarray(0, 34 * 34).map((v) => Math.tanh(v / 2)) },
  };
};

const options: FitAdversarialOptions = {
  backend: cpu({ threads: 1 }),
  batches,
  steps: 4,
  generator: { optimizer: adam({ beta1: 0.5 }), schedule: constant(5e-3) },
  discriminator: { optimizer: adam({ beta1: 0.5 }), schedule: constant(1e-2) },
};

async function all(more: Partial<FitAdversarialOptions> = {}): Promise<AdversarialProgress[]> {
  const steps: AdversarialProgress[] = [];
  for await (const step of fitAdversarial(generator, discriminator, { ...options, ...more })) steps.push(step);
  return steps;
}

describe("fitAdversarial", () => {
  test("the generator learns", async () => {
    const steps = await all({ steps: 30 });
    expect(steps.at(-1)!.generatorLoss).toBeLessThan(0.6 * steps[0]!.generatorLoss);
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  });

  test("the discriminator learns to tell what a generator that stands still makes", async () => {
    const still = { optimizer: adam(), schedule: constant(1e-12) };
    const steps = await all({ steps: 40, generator: still });
    // 2 is the loss of one who can't tell.
    expect(steps[0]!.discriminatorLoss).toBeGreaterThan(1.5);
    expect(steps.at(-1)!.discriminatorLoss).toBeLessThan(1);
  });

  test("repeats and resumes bit for bit", async () => {
    const whole = await all();
    const rest = await all({ resume: whole[1]!.state });
    expect(rest.map(({ step }) => step)).toEqual([3, 4]);
    expect(rest.at(-1)!.state).toEqual(whole.at(-1)!.state);
  });

  test("refuses", async () => {
    await expect(all({ batches: () => ({ x: batches(1)["x"]! }) })).rejects.toThrowError(/x and target/);
    await expect(all({ signal: AbortSignal.abort() })).rejects.toThrowError(expect.objectContaining({ code: "aborted" }));
    await expect(all({ steps: 0 })).rejects.toThrowError(/steps/);
  });
});

test("normalizeSpectra: the largest singular value becomes 1, other parameters stay", () => {
  const weights = new Float32Array(segmentsOf(discriminator).at(-1)!.end);
  fillNormal(weights, 3);
  const found = normalizeSpectra(discriminator, weights, { iterations: 500 });
  for (const { name, shape, start, end } of segmentsOf(discriminator)) {
    const part = found.subarray(start, end);
    if (!/conv[123]\.weight$/.test(name)) {
      expect(part).toEqual(weights.subarray(start, end));
      continue;
    }
    // W Wᵀ has the largest eigenvalue 1: no row sum of a power of it grows, and its trace of a high power tends to 1.
    const rows = shape[0]!;
    const columns = part.length / rows;
    let power = Array.from({ length: rows }, (_, r) =>
      Array.from({ length: rows }, (_, q) => {
        let sum = 0;
        for (let c = 0; c < columns; c++) sum += part[r * columns + c]! * part[q * columns + c]!;
        return sum;
      }),
    );
    // Squared ten times: the 1024th power.
    for (let n = 0; n < 10; n++)
      power = power.map((row) => power.map((_, q) => row.reduce((sum, v, k) => sum + v * power[k]![q]!, 0)));
    const trace = power.reduce((sum, row, r) => sum + row[r]!, 0);
    expect(trace ** (1 / 1024)).toBeCloseTo(1, 2);
  }
});
