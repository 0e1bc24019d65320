import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { cpu } from "../../src/backend/index.js";
import { modelSha256 } from "../../src/model/index.js";
import { contrastSmall } from "../../src/models/contrast-small/index.js";
import { absent } from "../backend/runtime.js";

const file = new URL("../../src/models/contrast-small/contrast-small.onnx", import.meta.url);

describe("contrastSmall", () => {
  test("is a model in units of noise, with a card that is its own, of less than 8 MB", async () => {
    const { bytes, card } = await contrastSmall();
    expect(bytes.length).toBeLessThan(8e6);
    expect(card).toMatchObject({ name: "contrast-small", output: { meaning: "noise" }, licence: "Apache-2.0" });
    expect(card.sha256).toBe(await modelSha256(bytes));
    expect(card.limits).toMatch(/not a medical device/);
  });

  test.skipIf(absent)("passes its self-test, and runs at any size that it divides", async () => {
    const model = await contrastSmall({ url: file });
    expect(model.card.selfTest).toBeDefined();
    const session = await cpu().load(model);
    const [n, c, k, j, i] = [1, 4, 8, 16, 24];
    const x = { dims: [n, c, k, j, i], data: new Float32Array(n * c * k * j * i) };
    const { y } = await session.run({ x, conditions: { dims: [1, 3], data: Float32Array.of(0.33, Math.log(0.33), -1) } });
    expect(y!.dims).toEqual([1, 1, 8, 16, 24]);
    expect(y!.data.every(Number.isFinite)).toBe(true);
    await session.dispose();
  });

  test("an absent file, another one, and a cancelled load are typed errors", async () => {
    await expect(contrastSmall({ url: pathToFileURL("/nowhere/contrast-small.onnx") })).rejects.toMatchObject({
      code: "bad-file",
    });
    await expect(contrastSmall({ url: new URL("data:,nothing") })).rejects.toMatchObject({ code: "bad-model" });
    await expect(contrastSmall({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });
});
