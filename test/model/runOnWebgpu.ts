import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Tensor } from "../../src/backend/backend.js";

// Without a GPU the provider runs on SwiftShader, where Chromium's is installed.
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";

export interface WebgpuResult extends Partial<Tensor> {
  readonly code?: string;
  readonly message?: string;
}

/** Runs a model with an input `x` and an output `y` on WebGPU, in a process of its own: the provider may take one down when it ends. */
export function runOnWebgpu(bytes: Uint8Array, { dims, data }: Tensor): WebgpuResult {
  const folder = mkdtempSync(join(tmpdir(), "gadolinite-webgpu-"));
  const result = join(folder, "result.json");
  try {
    const { stderr, status, signal } = spawnSync(
      process.execPath,
      ["--import", "tsx", resolve("test/model/webgpuProcess.ts"), result],
      {
        input: JSON.stringify({ bytes: Buffer.from(bytes).toString("base64"), dims, data: [...data] }),
        env: { XDG_RUNTIME_DIR: "/tmp", ...(existsSync(SWIFTSHADER) && { VK_ICD_FILENAMES: SWIFTSHADER }), ...process.env },
        encoding: "utf8",
      },
    );
    if (!existsSync(result)) throw new Error(`The process ended with ${signal ?? status}. ${stderr}`);
    return JSON.parse(readFileSync(result, "utf8")) as WebgpuResult;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
