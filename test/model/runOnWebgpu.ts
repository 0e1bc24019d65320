import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Tensor } from "../../src/backend/backend.js";

// Without a GPU the provider runs on SwiftShader, where Chromium's is installed.
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

export interface WebgpuResult extends Partial<Tensor> {
  readonly code?: string;
  readonly message?: string;
}

/** Runs models with an input `x` and an output `y` on WebGPU, in a process of their own: the provider takes a test runner's down when it exits. */
export function runOnWebgpu(jobs: readonly { readonly bytes: Uint8Array; readonly x: Tensor }[]): readonly WebgpuResult[] {
  const input = JSON.stringify(
    jobs.map(({ bytes, x }) => ({ bytes: Buffer.from(bytes).toString("base64"), dims: x.dims, data: [...x.data] })),
  );
  const env = {
    XDG_RUNTIME_DIR: "/tmp",
    ...(existsSync(SWIFTSHADER) && { VK_ICD_FILENAMES: SWIFTSHADER }),
    ...process.env,
  };
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", resolve("test/model/webgpuProcess.ts")], {
    input,
    env,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const last = stdout.trim().split("\n").at(-1);
  if (!last) throw new Error(stderr);
  return JSON.parse(last) as WebgpuResult[];
}
