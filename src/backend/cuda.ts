import { checkNonNegativeInteger } from "../internal/check.js";
import type { Backend } from "./backend.js";
import { onnx } from "./onnx.js";
import { nativeRuntime } from "./runtimes.js";

export interface CudaOptions {
  /** Number of the GPU, as `nvidia-smi` counts them. Default 0. */
  readonly deviceId?: number;
}

/**
 * Runs models on an NVIDIA GPU with the package `onnxruntime-node`, which the caller installs; it is loaded with the first model. Its install
 * script downloads the CUDA provider.
 *
 * @returns a backend; `load` throws as {@link onnx} says, `no-backend` with the reason and the remedy if CUDA doesn't start
 * @throws `out-of-range` if `deviceId` is not an integer of 0 or more
 * @example
 * const { session, tried } = await loadFirst(model, [cuda({ deviceId: 0 }), cpu()]);
 */
export function cuda({ deviceId = 0 }: CudaOptions = {}): Backend {
  checkNonNegativeInteger("deviceId", deviceId);
  const device = `cuda:${deviceId}`;
  return {
    name: device,
    async load(model, options) {
      const executionProviders = [{ name: "cuda", deviceId }];
      return onnx(await nativeRuntime("cuda()"), { executionProviders, name: device, device }).load(model, options);
    },
  };
}
