export { type EnhancementMaskOptions, enhancementMask } from "./enhancementMask.js";
export { enhancementSignal } from "./enhancementSignal.js";
export { type NoiseEstimator, type NoiseLevelOptions, noiseLevel } from "./noiseLevel.js";
export {
  type DenormalizeNoiseOptions,
  denormalizeNoise,
  type NormalizedNoise,
  type NormalizeNoiseOptions,
  normalizeNoise,
} from "./normalizeNoise.js";
export { type GainCase, type RevertSignalOptions, revertSignal, signalGain } from "./revertSignal.js";
export { subtract } from "./subtract.js";
export { synthesize } from "./synthesize.js";
