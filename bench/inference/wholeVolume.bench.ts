/**
 * A conditional 3-D U-Net over a whole volume, in one window and in several, each in a process of its own: time, and how far the process grows
 * against what `planInference` predicts. By default 8 features and 96×112×96 voxels; the paper's network and scans with
 *
 *     npx tsx bench/inference/wholeVolume.bench.ts --features 32 160x192x160 240x240x155
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpu } from "../../src/backend/cpu.js";
import { createGrid, createVolume, type Vec3 } from "../../src/index.js";
import { planInference } from "../../src/inference/planInference.js";
import { predictor } from "../../src/inference/predictor.js";
import { slidingWindow } from "../../src/inference/slidingWindow.js";
import { fillNormal } from "../../src/internal/random.js";
import { conditionalUnet3d } from "../../src/model/conditionalUnet3d.js";
import { encodeGraph } from "../../src/model/graph/encode.js";
import { createModel } from "../../src/model/model.js";
import { unetCard } from "../../test/inference/unetCard.js";

interface Job {
  readonly features: number;
  readonly shape: Vec3;
  readonly maxBytes: number;
  readonly result: string;
}

const MARGIN = 16;
const card = {
  ...unetCard,
  patch: { window: [96, 96, 96] as Vec3, divisibleBy: [8, 8, 8] as Vec3, marginVoxels: MARGIN, overlap: 0 },
};
const modelOf = (features: number) =>
  createModel(encodeGraph(conditionalUnet3d({ seed: 1, features, output: "linear" })), { card });

if (process.argv[2] === "--job") await work(JSON.parse(process.argv[3]!) as Job);
else await compareAll(process.argv.slice(2));

async function work({ features, shape, maxBytes, result }: Job): Promise<void> {
  const peak = () => process.resourceUsage().maxRSS * 1024;
  const grid = createGrid({ shape });
  const noise = (seed: number) => {
    const data = new Float32Array(shape[0] * shape[1] * shape[2]);
    fillNormal(data, seed);
    return createVolume(data, grid);
  };
  const volumes = [noise(1), noise(2), noise(3)];
  // The runtime itself, its threads and the compiled code of this program come before.
  const warm = await cpu({ threads: 2 }).load(modelOf(1));
  await slidingWindow(
    [1, 2, 3].map((n) => createVolume(new Float32Array(512).fill(n), createGrid({ shape: [8, 8, 8] }))),
    predictor(warm, card),
    {
      window: [8, 8, 8],
    },
  );
  await warm.dispose();
  const model = modelOf(features);
  const plan = planInference(model, grid, { maxBytes, maxBatch: 1 });
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const session = await cpu({ threads: 2 }).load(model);
  const start = performance.now();
  const { data } = await slidingWindow(volumes, predictor(session, card), plan);
  const seconds = (performance.now() - start) / 1000;
  const grown = peak() - before;
  writeFileSync(result, new Uint8Array(data.buffer));
  await session.dispose();
  process.stdout.write(`\n${JSON.stringify({ plan, seconds, grown })}\n`);
}

async function compareAll(args: readonly string[]): Promise<void> {
  const named = args.indexOf("--features");
  const features = named >= 0 ? Number(args[named + 1]) : 8;
  const sizes = args.filter((arg) => /^\d+x\d+x\d+$/.test(arg));
  const folder = mkdtempSync(join(tmpdir(), "gadolinite-whole-"));
  try {
    for (const size of sizes.length > 0 ? sizes : ["96x112x96"]) {
      const shape = size.split("x").map(Number) as unknown as Vec3;
      console.log(`\n${size}, ${features} features, margins of ${MARGIN} voxels`);
      const whole = planInference(modelOf(features), createGrid({ shape }), { maxBytes: 1e15 }).predictedBytes.total;
      if (whole > 0.9 * freemem()) {
        console.log(`  ${gigabytes(whole)} are predicted, more than there is now`);
        continue;
      }
      const results = [whole, 0.5 * whole].map((maxBytes, n) => {
        const result = join(folder, String(n));
        const job: Job = { features, shape, maxBytes, result };
        const self = fileURLToPath(import.meta.url);
        const { stdout, stderr } = spawnSync(
          process.execPath,
          ["--expose-gc", "--import", "tsx", self, "--job", JSON.stringify(job)],
          {
            encoding: "utf8",
          },
        );
        if (!stdout) throw new Error(stderr);
        const { plan, seconds, grown } = JSON.parse(stdout.trim().split("\n").at(-1)!);
        const share = (grown / plan.predictedBytes.total).toFixed(2);
        console.log(
          `  ${plan.windows} window(s) of ${plan.window.join("×")}: ${seconds.toFixed(1)} s, ${gigabytes(grown)} of ${gigabytes(plan.predictedBytes.total)} predicted (${share})`,
        );
        return new Float32Array(new Uint8Array(readFileSync(result)).buffer);
      });
      difference(results[0]!, results[1]!);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function difference(whole: Float32Array, tiles: Float32Array): void {
  let [low, high, largest, squares] = [Infinity, -Infinity, 0, 0];
  for (let v = 0; v < whole.length; v++) {
    low = Math.min(low, whole[v]!);
    high = Math.max(high, whole[v]!);
    const d = Math.abs(whole[v]! - tiles[v]!);
    largest = Math.max(largest, d);
    squares += d * d;
  }
  const range = high - low;
  console.log(
    `  windows against the whole: ${(largest / range).toExponential(1)} of the range at most, ${(Math.sqrt(squares / whole.length) / range).toExponential(1)} r.m.s.`,
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
