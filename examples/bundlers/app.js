import { createGrid, createVolume } from "gadolinite";
import { wasm } from "gadolinite/backend";
import { psnr } from "gadolinite/metrics";
import { contrastSmall } from "gadolinite/models/contrast-small";

/** Runs the model that comes with the package in the page, on as many threads as the page may have, and tells what came of it. */
export async function app() {
  const model = await contrastSmall();
  const session = await wasm({ threads: crossOriginIsolated ? 2 : 1 }).load(model);
  const x = { dims: [1, 4, 8, 8, 8], data: Float32Array.from({ length: 2048 }, (_, v) => Math.sin(v)) };
  const { y } = await session.run({ x, conditions: { dims: [1, 3], data: Float32Array.of(0.33, Math.log(0.33), -1) } });
  await session.dispose();
  const grid = createGrid({ shape: [8, 8, 8] });
  const same = psnr(createVolume(y.data, grid), createVolume(y.data, grid), { dataRange: 1 });
  const mean = y.data.reduce((sum, v) => sum + v, 0) / y.data.length;
  return { model: model.card.name, device: session.device, mean, same: String(same) };
}
