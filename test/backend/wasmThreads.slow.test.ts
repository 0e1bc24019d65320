import { expect, test, vi } from "vitest";
import { wasm } from "../../src/backend/index.js";
import { createModel } from "../../src/model/index.js";
import { identityModel } from "../model/tinyOnnx.js";
import { conformance } from "./conformance.js";
import { webAbsent, webRuntime } from "./webRuntime.js";

// In a file, and so a process, of its own: the runtime keeps the number of threads that it starts with.
if (!webAbsent) vi.doMock("onnxruntime-web", webRuntime);

conformance("wasm({ threads: 2 })", () => wasm({ threads: 2 }), { tolerance: 2 ** -21, skip: webAbsent });

test.skipIf(webAbsent)("two threads are told", async () => {
  const session = await wasm({ threads: 2 }).load(createModel(identityModel()));
  expect(session.device).toBe("wasm, 2 threads");
  await session.dispose();
});
