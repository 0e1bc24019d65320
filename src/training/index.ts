export { type Adam, type AdamOptions, adam } from "./adam.js";
export { type DifferentiateOptions, differentiate, gradientName } from "./differentiate.js";
export { type FitOptions, fit, type TrainingProgress } from "./fit.js";
export { type HuberLossOptions, huberLoss } from "./losses/huberLoss.js";
export type { LossInputs } from "./losses/terms.js";
export { type RestorationSamplesOptions, restorationSamples, type Samples } from "./samples/restorationSamples.js";
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
