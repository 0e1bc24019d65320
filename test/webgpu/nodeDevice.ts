import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type GpuDevice, requestGpuDevice } from "../../src/webgpu/index.js";

interface WebgpuPackage {
  create(flags: readonly string[]): GPU;
  readonly globals: object;
}

// The device's errors and maps are told only while this object lives.
let platform: GPU | undefined;

/**
 * WebGPU in Node, by the package webgpu, which .ci/run installs into .cache/tools; undefined where there is none. Without a GPU it runs on
 * SwiftShader, where XDG_RUNTIME_DIR and VK_ICD_FILENAMES say so.
 */
export async function nodePlatform(): Promise<GPU | undefined> {
  try {
    const path = createRequire(resolve(".cache/tools/index.js")).resolve("webgpu");
    const { create, globals } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as WebgpuPackage;
    Object.assign(globalThis, globals);
    copySharedMemory();
    platform ??= create([]);
    return (await platform.requestAdapter()) ? platform : undefined;
  } catch {
    return undefined;
  }
}

/** The package refuses views of shared memory, which ONNX Runtime's WebAssembly hands over. */
function copySharedMemory(): void {
  const { writeBuffer } = GPUQueue.prototype;
  GPUQueue.prototype.writeBuffer = function (buffer, offset, data, ...range) {
    const { buffer: memory } = data as Uint8Array;
    return writeBuffer.call(
      this,
      buffer,
      offset,
      memory instanceof SharedArrayBuffer ? (data as Uint8Array).slice() : data,
      ...range,
    );
  };
}

/** A device of it, or undefined. */
export async function nodeDevice(): Promise<GpuDevice | undefined> {
  const gpu = await nodePlatform();
  return gpu && requestGpuDevice(gpu);
}

/** The device with a smaller limit, as old or small GPUs have it. */
export const withBindingLimit = (device: GpuDevice, bytes: number): GpuDevice =>
  new Proxy(device, {
    get(target, key) {
      const value = target[key as keyof GpuDevice] as unknown;
      if (key === "limits")
        return {
          maxBufferSize: target.limits.maxBufferSize,
          maxStorageBufferBindingSize: bytes,
          maxComputeWorkgroupsPerDimension: target.limits.maxComputeWorkgroupsPerDimension,
        };
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
