import { createGrid, createVolume } from "gadolinite";
import { wasm } from "gadolinite/backend";
import { psnr } from "gadolinite/metrics";
import { conditionalUnet3d, createModel, encodeGraph } from "gadolinite/model";

/** Runs a small network in the page, on as many threads as the page may have, and tells what came of it. */
export async function app() {
  const model = createModel(encodeGraph(conditionalUnet3d({ seed: 1, inputs: 2, features: 2, scales: 2, output: "linear" })));
  const session = await wasm({ threads: crossOriginIsolated ? 2 : 1 }).load(model);
  const x = { dims: [1, 2, 8, 8, 8], data: Float32Array.from({ length: 1024 }, (_, v) => Math.sin(v)) };
  const { y } = await session.run({ x, conditions: { dims: [1, 4], data: new Float32Array(4) } });
  await session.dispose();
  const grid = createGrid({ shape: [8, 8, 8] });
  const same = psnr(createVolume(y.data, grid), createVolume(y.data, grid), { dataRange: 1 });
  return { device: session.device, mean: y.data.reduce((sum, v) => sum + v, 0) / y.data.length, same: String(same) };
}
