import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import type { DoctorReport } from "../../src/backend/index.js";
import { absent } from "./runtime.js";

test.skipIf(absent)("gadolinite doctor, as a command, examines every backend and ends", () => {
  const command = ["--import", "tsx", "src/backend/cli.ts", "doctor", "--json"];
  const { stdout, stderr, status } = spawnSync(process.execPath, command, { encoding: "utf8", timeout: 120_000 });
  const { backends } = JSON.parse(stdout) as DoctorReport;
  expect(backends.map(({ backend }) => backend)).toEqual(["cuda:0", "webgpu", "cpu", "wasm"]);
  expect(backends[2]!.works).toBe(true);
  // The runtime's own lines on the console are muted.
  expect(stderr).not.toMatch(/\[E:onnxruntime/);
  expect(status).toBe(0);
});
