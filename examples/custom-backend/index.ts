/**
 * A backend of one's own: a value with a name and a function `load`. These two wrap another, and compose:
 * `withLog(withCache(cpu(), { results: 8 }), console.log)`. Run with `npx tsx examples/custom-backend/index.ts`.
 */
import { pathToFileURL } from "node:url";
import { cpu, loadFirst, webgpu } from "gadolinite/backend";
import { conditionalUnet3d, createModel, encodeGraph } from "gadolinite/model";
import { withCache } from "./withCache.js";
import { type LogEntry, withLog } from "./withLog.js";

export { type WithCacheOptions, withCache } from "./withCache.js";
export { type LogEntry, withLog } from "./withLog.js";

async function main(): Promise<void> {
  const log = ({ backend, what, ms, error }: LogEntry) =>
    console.log(`${backend}: ${what} ${ms.toFixed(1)} ms${error ? ` (${error})` : ""}`);
  const model = createModel(encodeGraph(conditionalUnet3d({ seed: 1, inputs: 2, features: 8, scales: 3, embedding: 8 })));
  const backends = [webgpu(), cpu()].map((backend) => withLog(withCache(backend, { results: 8 }), log));
  const { session } = await loadFirst(model, backends);
  const x = { dims: [1, 2, 32, 32, 32], data: new Float32Array(2 * 32 ** 3).fill(0.5) };
  const conditions = { dims: [1, 4], data: new Float32Array(4) };
  for (let n = 0; n < 2; n++) await session.run({ x, conditions });
  await session.dispose();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
