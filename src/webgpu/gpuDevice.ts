import { GadoliniteError } from "../core/errors.js";

/** What is read of WebGPU's `GPUDevice`; every one fits. Kept this small so that nobody needs the types of WebGPU. */
export interface GpuDevice {
  readonly limits: {
    /** Largest buffer, in bytes: a volume must fit into one. */
    readonly maxBufferSize: number;
    /** Bytes that a kernel can see at a time: larger volumes are worked on part by part. */
    readonly maxStorageBufferBindingSize: number;
    readonly maxComputeWorkgroupsPerDimension: number;
  };
  destroy(): void;
}

/** What is read of WebGPU's `GPUBuffer`. */
export interface GpuBuffer {
  /** In bytes. */
  readonly size: number;
  destroy(): void;
}

/**
 * A WebGPU device with the largest buffers that the adapter allows.
 *
 * @param gpu what gives adapters: `navigator.gpu` (the default), or in Node what the package `webgpu` creates
 * @returns a device; `destroy()` frees it and all that is on it
 * @throws `no-backend` if there is no WebGPU, or no adapter
 * @example
 * const device = await requestGpuDevice();
 */
export async function requestGpuDevice(gpu?: object): Promise<GpuDevice> {
  const platform = (gpu ?? (typeof navigator === "undefined" ? undefined : navigator.gpu)) as GPU | undefined;
  if (!platform)
    throw new GadoliniteError(
      "no-backend",
      "There is no WebGPU here: in a browser it needs HTTPS or localhost; in Node give what the package webgpu creates.",
    );
  const adapter = await platform.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter)
    throw new GadoliniteError("no-backend", "WebGPU has no adapter here: no GPU, no driver for it, or the browser blocks it.");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
}
