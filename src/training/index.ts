export { type Adam, type AdamOptions, adam } from "./adam.js";
export { type DifferentiateOptions, differentiate, gradientName } from "./differentiate.js";
export { type FitOptions, fit, type TrainingProgress } from "./fit.js";
export {
  type AdversarialPlayer,
  type AdversarialProgress,
  type AdversarialState,
  type FitAdversarialOptions,
  fitAdversarial,
} from "./fitAdversarial.js";
export { type ConesGeneratorLossOptions, conesDiscriminatorLoss, conesGeneratorLoss } from "./losses/conesLosses.js";
export { type HuberLossOptions, huberLoss } from "./losses/huberLoss.js";
export { type L1LossOptions, l1Loss } from "./losses/l1Loss.js";
export { type L1SsimLossOptions, l1SsimLoss } from "./losses/l1SsimLoss.js";
export { type MseLossOptions, mseLoss } from "./losses/mseLoss.js";
export { type PinetzLossOptions, pinetzLoss } from "./losses/pinetzLoss.js";
export type { LossInputs } from "./losses/terms.js";
export { type NormalizeSpectraOptions, normalizeSpectra } from "./normalizeSpectra.js";
export { type ProceduralScan, type ProceduralScanOptions, proceduralScan } from "./procedural/proceduralScan.js";
export { type PatchSamplesOptions, patchSamples, type TrainingPair } from "./samples/patchSamples.js";
export {
  type PrefetchedSamples,
  type PrefetchSamplesOptions,
  prefetchSamples,
  type SampleSource,
} from "./samples/prefetchSamples.js";
export { type RestorationSamplesOptions, restorationSamples, type Samples } from "./samples/restorationSamples.js";
export { type Fold, type SplitFoldsOptions, splitFolds } from "./samples/splitFolds.js";
export { type VolumeSample, type VolumeSamplesOptions, volumeSamples } from "./samples/volumeSamples.js";
export {
  type ConstantThenLinearOptions,
  type CosineOptions,
  constant,
  constantThenLinear,
  cosine,
  type Schedule,
  type StepsOptions,
  steps,
} from "./schedules.js";
export { initialState, readCheckpoint, type TrainingState, trainedWeights, writeCheckpoint } from "./trainingState.js";
export { type TrainingStepOptions, trainingStep } from "./trainingStep.js";
export { withInputShapes } from "./withInputShapes.js";
