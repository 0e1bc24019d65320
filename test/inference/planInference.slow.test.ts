import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { createGrid, type Vec3 } from "../../src/index.js";
import { planInference } from "../../src/inference/planInference.js";
import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import { createModel } from "../../src/model/model.js";
import { absent } from "../backend/runtime.js";
import { unetCard } from "./unetCard.js";

/** Growth of the memory of a process that loads the network and runs it twice, in bytes. */
function measured(options: { features: number; scales: number; window: Vec3; batch: number }): number {
  const program = resolve("test/inference/memoryProcess.ts");
  const args = ["--expose-gc", "--import", "tsx", program, JSON.stringify({ ...options, runs: 2 })];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (!stdout) throw new Error(stderr);
  return (JSON.parse(stdout) as { grown: number }).grown;
}

// Of a process of megabytes; less than some ten of them would measure the runtime.
describe.skipIf(absent)("the predicted bytes of a network bound what it takes, and are at most twice that", () => {
  test.each([
    { features: 8, scales: 3, window: [48, 48, 48], batch: 1 },
    { features: 8, scales: 3, window: [24, 64, 40], batch: 3 },
    { features: 8, scales: 3, window: [64, 96, 96], batch: 1 },
    { features: 16, scales: 4, window: [48, 48, 48], batch: 1 },
  ] as const)("%o", ({ window, ...options }) => {
    const card = { ...unetCard, patch: { ...unetCard.patch, window } };
    const model = createModel(encodeGraph(conditionalUnet3d({ seed: 1, ...options, batch: options.batch })), { card });
    const { network } = planInference(model, createGrid({ shape: window }), { maxBytes: 1e10, prefer: "trained" }).predictedBytes;
    const grown = measured({ ...options, window });
    expect(grown).toBeLessThan(network);
    expect(grown).toBeGreaterThan(network / 2);
  });
});
