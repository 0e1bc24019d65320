import { describe, expect, test } from "vitest";
import { type Backend, loadFirst, onnx } from "../../src/backend/index.js";
import { GadoliniteError } from "../../src/index.js";
import { createModel } from "../../src/model/index.js";
import { fullCard } from "../model/cards.js";
import { identityModel } from "../model/tinyOnnx.js";
import { fakeRuntime } from "./fakeRuntime.js";
import { absent, ort } from "./runtime.js";

const model = createModel(identityModel());
const image = { dims: [1, 1, 1, 1, 2], data: Float32Array.of(1, 2) };

describe("onnx", () => {
  test("names itself and its device after the providers", async () => {
    const { ort } = fakeRuntime();
    expect(onnx(ort, { executionProviders: ["webgpu"] }).name).toBe("webgpu");
    expect(onnx(ort, { executionProviders: ["webgpu"], name: "browser" }).name).toBe("browser");
    const several = onnx(ort, { executionProviders: [{ name: "tensorrt" }, "cuda"] });
    expect(several.name).toBe("tensorrt+cuda");
    expect((await several.load(model)).device).toBe("tensorrt+cuda");
    expect(() => onnx(ort, { executionProviders: [] })).toThrow(/Name an execution provider/);
  });

  test("asks for one provider as it is, and for several each alone first", async () => {
    const { ort, asked, released } = fakeRuntime();
    const cuda = { name: "cuda", deviceId: 1 };
    await onnx(ort, { executionProviders: [cuda] }).load(model);
    expect(asked).toEqual([[cuda]]);
    await onnx(ort, { executionProviders: [cuda, "cpu"] }).load(model);
    expect(asked.slice(1)).toEqual([[cuda], ["cpu"], [cuda, "cpu"]]);
    expect(released).toEqual(["cuda", "cpu"]);
  });

  test("tells whether all operations run on the device, and asks again where they don't", async () => {
    const whole = fakeRuntime();
    expect((await onnx(whole.ort, { executionProviders: ["webgpu"] }).load(model)).placement).toBe("device");
    expect((await onnx(whole.ort, { executionProviders: ["cpu"] }).load(model)).placement).toBe("device");
    expect((await onnx(whole.ort, { executionProviders: ["cuda", "cpu"] }).load(model)).placement).toBeUndefined();
    const partly = fakeRuntime({ partly: true });
    const session = await onnx(partly.ort, { executionProviders: ["webgpu"], device: "my card" }).load(model);
    expect(session).toMatchObject({ device: "my card", placement: "device and cpu" });
    expect(partly.asked).toEqual([["webgpu"], ["webgpu"]]);
    expect((await session.run({ image }))["restored"]!.data).toEqual(image.data);
  });

  test.each([
    ["Non-zero status code: bad allocation: std::bad_alloc", "unsupported", /smaller windows or batches/],
    ["CUDA failure 2: out of memory ; GPU=0", "unsupported", /smaller windows or batches/],
    ["WebGPU device lost (1): Device was destroyed", "no-backend", /load the model again/],
    ["CUDA failure 719: unspecified launch failure", "no-backend", /load the model again/],
    ["Only Conv2d or Conv1d are supported", "unsupported", /another backend/],
  ] as const)("a run that fails with %j is %s", async (told, code, message) => {
    const { ort } = fakeRuntime({
      run: () => {
        throw new Error(told);
      },
    });
    const session = await onnx(ort, { executionProviders: ["webgpu"] }).load(model);
    await expect(session.run({ image })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await session.dispose();
  });

  test("a provider that doesn't start is no-backend, with the reason and a remedy, though the runtime would drop it", async () => {
    const { ort } = fakeRuntime({ missing: ["cuda"] });
    for (const executionProviders of [["cuda"], ["cuda", "cpu"], ["cpu", { name: "cuda" }]])
      await expect(onnx(ort, { executionProviders }).load(model)).rejects.toMatchObject({
        code: "no-backend",
        message: expect.stringMatching(/"cuda" doesn't start: no available backend.*cuDNN/s),
      });
  });

  test("a model that a working provider refuses is bad-model", async () => {
    const { ort } = fakeRuntime({ badModel: true });
    await expect(onnx(ort, { executionProviders: ["cpu"] }).load(model)).rejects.toMatchObject({
      code: "bad-model",
      message: "ONNX Runtime (cpu) refuses the model: This is an invalid model.",
      cause: new Error("This is an invalid model"),
    });
  });

  test("a device that computes zeros is refused, and the session released", async () => {
    const { ort, released } = fakeRuntime({ run: () => 0 });
    const selfTest = {
      seed: 1,
      inputs: { image: [1, 1, 1, 1, 2] },
      expected: { restored: { dims: [1, 1, 1, 1, 2], mean: 0.5, rms: 1, values: [1, 0] } },
      tolerance: 1e-3,
    };
    const load = (change: object) =>
      onnx(ort, { executionProviders: ["webgpu"] }).load({
        ...model,
        card: { ...fullCard, selfTest: { ...selfTest, ...change } },
      });
    await expect(load({})).rejects.toMatchObject({
      code: "bad-model",
      message: expect.stringMatching(
        /Self-test on webgpu: output "restored" is off by 1\.00 where 0\.001 is allowed \(r\.m\.s\. 0\.00000, expected 1\.00000\)/,
      ),
    });
    await expect(load({ expected: { y: selfTest.expected.restored } })).rejects.toThrow(
      /output "y" should be .* but is not there/,
    );
    await expect(load({ expected: { restored: { ...selfTest.expected.restored, dims: [2] } } })).rejects.toThrow(
      /should be \[2\], but is \[1, 1, 1, 1, 2\]/,
    );
    expect(released).toEqual(["webgpu", "webgpu", "webgpu"]);
    await expect(
      onnx(fakeRuntime({ run: () => NaN }).ort, { executionProviders: ["cpu"] }).load({
        ...model,
        card: { ...fullCard, selfTest },
      }),
    ).rejects.toThrow(/off by NaN/);
  });

  test("runs one after another, though called at once", async () => {
    let running = 0;
    let most = 0;
    const { ort } = fakeRuntime();
    const create = ort.InferenceSession.create as (...args: unknown[]) => Promise<{ run: (feeds: unknown) => Promise<unknown> }>;
    const slow = async (...args: unknown[]) => {
      const session = await create(...args);
      const run = async (feeds: unknown) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 2));
        running--;
        return session.run(feeds);
      };
      return { ...session, run };
    };
    const session = await onnx({ ...ort, InferenceSession: { create: slow } } as never, { executionProviders: ["webgpu"] }).load(
      model,
    );
    await Promise.all([1, 2, 3].map(() => session.run({ image })));
    expect(most).toBe(1);
  });

  test.skipIf(absent)("ONNX Runtime on this machine: absent providers are told, cpu runs", async () => {
    await expect(onnx(ort!, { executionProviders: ["nonsense"] }).load(model)).rejects.toMatchObject({ code: "no-backend" });
    await expect(onnx(ort!, { executionProviders: ["nonsense", "cpu"] }).load(model)).rejects.toMatchObject({
      code: "no-backend",
    });
    const session = await onnx(ort!, { executionProviders: ["cpu"] }).load(model);
    expect((await session.run({ image }))["restored"]!.data).toEqual(image.data);
    await session.dispose();
  });
});

describe("loadFirst", () => {
  const failing = (name: string, code: "no-backend" | "bad-model" | "aborted"): Backend => ({
    name,
    load: () => Promise.reject(new GadoliniteError(code, `${name} says no`)),
  });
  const working = onnx(fakeRuntime().ort, { executionProviders: ["cpu"] });

  test("takes the first that works, and says what it tried", async () => {
    const { session, tried } = await loadFirst(model, [
      failing("cuda", "no-backend"),
      failing("webgpu", "bad-model"),
      working,
      failing("x", "aborted"),
    ]);
    expect(session.device).toBe("cpu");
    expect(tried.map(({ backend, error }) => `${backend}: ${error.code}`)).toEqual(["cuda: no-backend", "webgpu: bad-model"]);
    expect((await loadFirst(model, [working])).tried).toEqual([]);
  });

  test("where none works, gives every reason", async () => {
    await expect(loadFirst(model, [failing("a", "no-backend"), failing("b", "bad-model")])).rejects.toMatchObject({
      code: "no-backend",
      message: "No backend could load the model.\na: a says no\nb: b says no",
    });
    await expect(loadFirst(model, [failing("a", "bad-model"), failing("b", "bad-model")])).rejects.toMatchObject({
      code: "bad-model",
    });
    await expect(loadFirst(model, [])).rejects.toMatchObject({ code: "out-of-range" });
  });

  test("stops when cancelled, and lets a programming error through", async () => {
    await expect(loadFirst(model, [failing("a", "aborted"), working])).rejects.toMatchObject({ code: "aborted" });
    const broken: Backend = { name: "broken", load: () => Promise.reject(new TypeError("oops")) };
    await expect(loadFirst(model, [broken, working])).rejects.toThrow(TypeError);
  });
});
