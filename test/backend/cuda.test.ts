import { afterEach, describe, expect, test, vi } from "vitest";
import { cpu, cuda, loadFirst } from "../../src/backend/index.js";
import { createModel } from "../../src/model/index.js";
import { identityModel } from "../model/tinyOnnx.js";
import { conformance } from "./conformance.js";
import { fakeRuntime } from "./fakeRuntime.js";
import { absent } from "./runtime.js";

const model = createModel(identityModel());
const failure =
  absent ??
  (await cuda()
    .load(model)
    .then(
      (session) => session.dispose(),
      (error: Error) => error.message,
    )) ??
  undefined;

// TF32 would be off by 2⁻¹¹; ONNX Runtime's convolutions take it unless told not to, so this may need `use_tf32: 0` where it runs at last.
conformance("cuda()", () => cuda(), { tolerance: 2 ** -20, skip: failure && "CUDA doesn't start here" });

describe("cuda", () => {
  afterEach(() => {
    vi.doUnmock("onnxruntime-node");
  });

  test("asks for CUDA alone, on the GPU that was named", async () => {
    const { ort, asked } = fakeRuntime();
    vi.doMock("onnxruntime-node", () => ort);
    const session = await cuda({ deviceId: 2 }).load(model);
    expect(asked).toEqual([[{ name: "cuda", deviceId: 2 }]]);
    expect(session).toMatchObject({ device: "cuda:2", placement: "device" });
    expect(cuda().name).toBe("cuda:0");
  });

  test.skipIf(!failure || absent)(
    "where CUDA is absent, gives the runtime's own words and the remedy, and loadFirst goes on",
    async () => {
      await expect(cuda().load(model)).rejects.toMatchObject({
        code: "no-backend",
        message: expect.stringMatching(/"cuda" doesn't start: .*[Ff]ailed to load.*cuDNN 9.*npm rebuild onnxruntime-node/s),
      });
      const { session, tried } = await loadFirst(model, [cuda(), cpu()]);
      expect(session.device).toBe("cpu");
      expect(tried.map(({ backend, error }) => [backend, error.code])).toEqual([["cuda:0", "no-backend"]]);
      await session.dispose();
    },
  );

  test("refuses what is no number of a GPU", () => {
    for (const deviceId of [-1, 0.5, NaN]) expect(() => cuda({ deviceId })).toThrow(/deviceId/);
  });
});
