export { type EnsembleOptions, ensemble } from "./ensemble.js";
export { type EvidenceBoundedOptions, evidenceBounded } from "./evidenceBounded.js";
export { type MirroredOptions, mirrored } from "./mirrored.js";
export { type MultiPlanarOptions, multiPlanar } from "./multiPlanar.js";
export { type NetworkRestorerOptions, networkRestorer } from "./networkRestorer.js";
export { type InferencePlan, type PlanInferenceOptions, planInference } from "./planInference.js";
export { type Predictor, type PredictorOptions, predictor } from "./predictor.js";
export {
  classicalRestorers,
  denoisedExtrapolation,
  doNothing,
  type LowDoseScan,
  linearExtrapolation,
  maskedExtrapolation,
  type Restorer,
  restoreDose,
  type SmoothedExtrapolationOptions,
  smoothedExtrapolation,
} from "./restorer.js";
export { type SegmentOptions, segment } from "./segment.js";
export { type SlidingWindowOptions, slidingWindow, slidingWindowChannels } from "./slidingWindow.js";
export { type SureRefinedOptions, sureRefined } from "./sureRefined.js";
export {
  type WholeWindowOptions,
  type WindowPlacement,
  type WindowPlan,
  type WindowPlanOptions,
  wholeWindow,
  windowPlan,
} from "./windowPlan.js";
export { type WindowWeighting, type WindowWeights, type WindowWeightsOptions, windowWeights } from "./windowWeights.js";
