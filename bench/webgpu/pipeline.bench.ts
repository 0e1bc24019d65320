import { centreCrop } from "../../src/geometry/index.js";
import { createMask } from "../../src/index.js";
import {
  dispose,
  download,
  enhancementMask,
  enhancementSignal,
  type GpuVolume,
  gaussian,
  normalizeNoise,
  requestGpuDevice,
  subtract,
  synthesize,
  upload,
  uploadMask,
} from "../../src/webgpu/index.js";
import { nodePlatform } from "../../test/webgpu/nodeDevice.js";
import { compare } from "../support/compare.js";
import { brainSizedPair } from "../support/inputs.js";

// The chain from two scans to a synthesized one: volumes that stay on the GPU against copying after each step (goal on a real GPU: twice as fast), and
// the Gaussian's throughput (goal on a real GPU: half of the memory's). Needs the package webgpu, which .ci/run installs; in software it says little, and GADOLINITE_SIDE=64 is enough.
const side = Number(process.env["GADOLINITE_SIDE"] ?? 240);
const smaller = ({ pre, post }: ReturnType<typeof brainSizedPair>) => {
  const shape = [side, side, Math.min(side, 155)] as const;
  return { pre: centreCrop(pre, { shape }), post: centreCrop(post, { shape }) };
};
const platform = await nodePlatform();
if (!platform) console.log("There is no WebGPU here: nothing was measured.");
else {
  const info = ((await platform.requestAdapter()) as GPUAdapter).info;
  const device = await requestGpuDevice(platform);
  console.log(`${info.vendor} ${info.architecture} ${info.device} ${info.description}`);
  const { pre, post } = smaller(brainSizedPair());
  const brain = uploadMask(
    device,
    createMask(
      pre.data.map((v) => (v === 0 ? 0 : 1)),
      pre.grid,
    ),
  );

  type Step = (volume: GpuVolume) => Promise<GpuVolume>;
  const stays: Step = async (volume) => volume;
  const travels: Step = async (volume) => {
    const back = await download(volume);
    dispose(volume);
    return upload(device, back);
  };
  const chain = async (step: Step) => {
    const [before, after] = [upload(device, pre), upload(device, post)];
    const difference = await step(subtract(before, after));
    const { normalized, mean, sd, sigma } = await normalizeNoise(difference, { brain });
    const even = await step(normalized);
    const mask = await step(enhancementMask(even, { sigma }));
    const signal = await step(enhancementSignal(difference, mask));
    const result = await step(synthesize(before, signal));
    await download(result);
    dispose(before, after, difference, even, mean, sd, mask, signal, result);
  };
  await compare(
    `two scans of ${pre.grid.shape.join("×")} to a synthesized one`,
    { "on the GPU throughout": () => chain(stays), "copied after each step": () => chain(travels) },
    { rounds: 3 },
  );

  const volume = upload(device, pre);
  for (const sigmaVoxels of [1, 3]) {
    const times = await compare(
      `Gaussian of σ = ${sigmaVoxels}, three axes`,
      {
        gaussian: async () => {
          const smooth = gaussian(volume, { sigmaVoxels, method: "exact" });
          await (device as GPUDevice).queue.onSubmittedWorkDone();
          dispose(smooth);
        },
      },
      { rounds: 3 },
    );
    const bytes = 3 * 2 * 4 * pre.data.length;
    console.log(`  ${(bytes / times["gaussian"]! / 1e6).toFixed(1)} GB/s read and written`);
  }
  device.destroy();
}
