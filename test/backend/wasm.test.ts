import { afterAll, describe, expect, test, vi } from "vitest";
import { wasm } from "../../src/backend/index.js";
import { createModel } from "../../src/model/index.js";
import { identityModel } from "../model/tinyOnnx.js";
import { conformance } from "./conformance.js";
import { webAbsent, webRuntime } from "./webRuntime.js";

if (!webAbsent) vi.doMock("onnxruntime-web", webRuntime);
afterAll(() => vi.doUnmock("onnxruntime-web"));

conformance("wasm({ threads: 1 })", () => wasm({ threads: 1 }), { tolerance: 2 ** -21, skip: webAbsent });

const model = createModel(identityModel());

describe("wasm", () => {
  test.skipIf(webAbsent)("tells its threads, and refuses another number of them", async () => {
    const session = await wasm({ threads: 1 }).load(model);
    expect(session.device).toBe("wasm, 1 thread");
    await session.dispose();
    const same = await wasm().load(model);
    expect(same.device).toBe("wasm, 1 thread");
    await same.dispose();
    await expect(wasm({ threads: 2 }).load(model)).rejects.toMatchObject({
      code: "no-backend",
      message: expect.stringMatching(/asked for 2 threads, but .* has 1 and keeps/),
    });
  });

  test("refuses threads that are none", () => {
    for (const threads of [0, 1.5, -1, NaN]) expect(() => wasm({ threads })).toThrow(/threads/);
  });

  test("several threads in a page that isn't cross-origin isolated are refused, with the headers", async () => {
    vi.doMock("onnxruntime-web", () => ({ env: { wasm: {} }, InferenceSession: {}, Tensor: class {} }));
    vi.stubGlobal("crossOriginIsolated", false);
    try {
      await expect(wasm({ threads: 2 }).load(model)).rejects.toMatchObject({
        code: "no-backend",
        message: expect.stringMatching(/Cross-Origin-Embedder-Policy: require-corp/),
      });
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("without onnxruntime-web it says what to install", async () => {
    vi.doMock("onnxruntime-web", () => {
      throw new Error("Cannot find package 'onnxruntime-web'");
    });
    await expect(wasm().load(model)).rejects.toMatchObject({
      code: "no-backend",
      message: expect.stringMatching(/npm install onnxruntime-web/),
    });
  });
});
