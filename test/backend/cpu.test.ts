import { describe, expect, test, vi } from "vitest";
import { cpu } from "../../src/backend/index.js";
import { createModel } from "../../src/model/index.js";
import { identityModel } from "../model/tinyOnnx.js";
import { conformance } from "./conformance.js";
import { absent } from "./runtime.js";

// Measured: at most 2⁻²²·⁴ of Σ|term| (InstanceNormalization), on one instruction set; others round in another order.
conformance("cpu()", () => cpu({ threads: 2 }), { tolerance: 2 ** -21, skip: absent });

describe("cpu", () => {
  test.skipIf(absent)("runs on the CPU", async () => {
    expect(cpu().name).toBe("cpu");
    expect(cpu({ worker: true }).name).toBe("cpu in a worker");
    const session = await cpu().load(createModel(identityModel()));
    expect(session.device).toBe("cpu");
    await session.dispose();
  });

  test.skipIf(absent)("gives the same numbers whether its threads spin or sleep", async () => {
    for (const spinning of [true, false]) {
      const session = await cpu({ spinning, threads: 2 }).load(createModel(identityModel()));
      const image = { dims: [1, 1, 1, 1, 2], data: Float32Array.of(1, 2) };
      expect([...(await session.run({ image }))["restored"]!.data]).toEqual([1, 2]);
      await session.dispose();
    }
  });

  test("refuses threads that are none", () => {
    for (const threads of [0, 1.5, -1, NaN])
      for (const worker of [false, true]) expect(() => cpu({ threads, worker })).toThrow(/threads/);
  });

  test("without onnxruntime-node it says what to install", async () => {
    vi.doMock("onnxruntime-node", () => {
      throw new Error("Cannot find package 'onnxruntime-node'");
    });
    await expect(cpu().load(createModel(identityModel()))).rejects.toMatchObject({
      code: "no-backend",
      message: expect.stringMatching(/npm install onnxruntime-node/),
    });
    vi.doUnmock("onnxruntime-node");
  });
});
