export { type AddGpuNoiseOptions, addNoise } from "./addNoise.js";
export { enhancementMask } from "./enhancementMask.js";
export { enhancementSignal } from "./enhancementSignal.js";
export { gaussian } from "./gaussian.js";
export { type GpuBuffer, type GpuDevice, requestGpuDevice } from "./gpuDevice.js";
export { type GpuInputs, type GpuSession, type LoadOnGpuOptions, loadOnGpu } from "./gpuSession.js";
export type { GpuPredictor, GpuTensor } from "./gpuTensor.js";
export { dispose, download, type GpuMask, type GpuVolume, upload, uploadMask } from "./gpuVolume.js";
export { localMoments } from "./localMoments.js";
export { type GpuNoiseLevelOptions, noiseLevel } from "./noiseLevel.js";
export {
  denormalizeNoise,
  type GpuNormalizedNoise,
  type NormalizeGpuNoiseOptions,
  normalizeNoise,
} from "./normalizeNoise.js";
export { type GpuPercentileOptions, percentile } from "./percentile.js";
export { predictor } from "./predictor.js";
export { type GpuErrorOptions, type GpuPsnrOptions, mse, psnr } from "./psnr.js";
export { type RestoreDoseOptions, restoreDose } from "./restoreDose.js";
export { type RevertGpuSignalOptions, revertSignal } from "./revertSignal.js";
export { simulateDose } from "./simulateDose.js";
export { type SimulateGpuNoisyDoseOptions, simulateNoisyDose } from "./simulateNoisyDose.js";
export { type GpuSlidingWindowOptions, slidingWindow } from "./slidingWindow.js";
export { type GpuSsimOptions, ssim } from "./ssim.js";
export { subtract } from "./subtract.js";
export { synthesize } from "./synthesize.js";
