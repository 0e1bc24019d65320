import { expect, test } from "vitest";
import { doctor, wasm } from "../../../src/backend/index.js";
import { createModel } from "../../../src/model/index.js";
import { identityModel } from "../../model/tinyOnnx.js";

test("several threads are refused where the page isn't cross-origin isolated, and one is told", async () => {
  const model = createModel(identityModel());
  expect(crossOriginIsolated).toBe(false);
  await expect(wasm({ threads: 2 }).load(model)).rejects.toMatchObject({ code: "no-backend" });
  const session = await wasm().load(model);
  expect(session.device).toBe("wasm, 1 thread");
  await session.dispose();
});

test("doctor tells what the page may do", async () => {
  const { crossOriginIsolated, secureContext, backends, advice } = await doctor({ backends: [wasm()], budgetMs: 1 });
  expect(crossOriginIsolated).toBe(false);
  expect(secureContext).toBe(true);
  expect(backends).toMatchObject([{ backend: "wasm", works: true }]);
  expect(advice.join()).toMatch(/Cross-Origin-Embedder-Policy/);
});
