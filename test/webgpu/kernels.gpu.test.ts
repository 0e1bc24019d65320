import { afterAll, describe, expect, test } from "vitest";
import { createGrid, createVolume } from "../../src/index.js";
import { download, gaussian, requestGpuDevice, subtract, upload } from "../../src/webgpu/index.js";
import { nodeDevice, withBindingLimit } from "./nodeDevice.js";
import { kernelSuite } from "./suite.js";

const device = await nodeDevice();
afterAll(() => device?.destroy());

if (device) {
  kernelSuite("the package webgpu", async () => device);
  // 71 KiB a volume: in parts of 64, with what a blur needs beyond them.
  kernelSuite("a device that sees 64 KiB at a time", async () => withBindingLimit(device, 65_536));
}

describe.skipIf(!device)(`devices${device ? "" : " (skipped: there is no WebGPU here)"}`, () => {
  const volume = createVolume(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), createGrid({ shape: [2, 2, 2] }));

  test("volumes of two devices don't go together", () => {
    const [a, b] = [upload(device!, volume), upload(withBindingLimit(device!, 1 << 20), volume)];
    expect(() => subtract(a, b)).toThrow(/different GPU devices/);
  });

  test("a volume that is larger than the largest buffer is refused, with what to do", () => {
    const small = new Proxy(device!, {
      get: (target, key) =>
        key === "limits" ? { ...withBindingLimit(target, 16).limits, maxBufferSize: 16 } : Reflect.get(target, key),
    });
    expect(() => upload(small, volume)).toThrow(/largest buffer has 16 bytes, but 32 are needed/);
  });

  test("a blur whose slices don't fit into a binding is refused", () => {
    const wide = createVolume(new Float32Array(20_000).fill(1), createGrid({ shape: [100, 20, 10] }));
    const limited = upload(withBindingLimit(device!, 20_480), wide);
    expect(() => gaussian(limited, { sigmaVoxels: 2 })).toThrow(/too few for 17 slices of 2000 voxels/);
  });

  test("a lost device is told by the next download", async () => {
    const other = await nodeDevice();
    const doubled = subtract(upload(other!, volume), upload(other!, volume));
    other!.destroy();
    await expect(download(doubled)).rejects.toMatchObject({ code: "no-backend" });
  });
});

test("without WebGPU, or an adapter, it says what is missing", async () => {
  await expect(requestGpuDevice({ requestAdapter: async () => null })).rejects.toMatchObject({ code: "no-backend" });
  const platform = typeof navigator === "undefined" ? undefined : (navigator as { gpu?: object }).gpu;
  if (!platform) await expect(requestGpuDevice()).rejects.toMatchObject({ code: "no-backend" });
});
