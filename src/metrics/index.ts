export { type AggregateDiceOptions, type AggregatedDice, aggregateDice } from "./aggregateDice.js";
export {
  type AggregateDistancesOptions,
  type AggregatedDistances,
  aggregateDistances,
  type CaseDistance,
} from "./aggregateDistances.js";
export { type AverageSurfaceDistance, averageSurfaceDistance } from "./averageSurfaceDistance.js";
export { type AxesRoiOptions, axesRoi } from "./axesRoi.js";
export { cep } from "./cep.js";
export { cnr } from "./cnr.js";
export { type Confusion, confusion } from "./confusion.js";
export type { DataRange } from "./dataRange.js";
export { type Detection, type DetectionCase, type DetectionOptions, detection } from "./detection.js";
export { dice } from "./dice.js";
export { type EnhancementRegionOptions, enhancementRegion } from "./enhancementRegion.js";
export type { ErrorOptions } from "./errorOptions.js";
export { type FalseSignal, type FalseSignalOptions, falseSignal } from "./falseSignal.js";
export { type HausdorffDistanceOptions, hausdorffDistance } from "./hausdorffDistance.js";
export { jaccard } from "./jaccard.js";
export { type KanzakiClass, kanzakiClass } from "./kanzakiClass.js";
export { lbr } from "./lbr.js";
export { type Lesion, type LesionAxes, lesionFromAxes } from "./lesion.js";
export { lesionAxes } from "./lesionAxes.js";
export { type LesionsOfOptions, lesionsOf } from "./lesionsOf.js";
export { mae } from "./mae.js";
export { type MaeEnhancementOptions, maeEnhancement } from "./maeEnhancement.js";
export { type LesionMatch, type LesionPair, matchLesions } from "./matchLesions.js";
export { mse } from "./mse.js";
export { type MsSsimOptions, msSsim } from "./msSsim.js";
export { type PsnrOptions, psnr } from "./psnr.js";
export { regionMean } from "./regionMean.js";
export { type RelativeEnhancement, relativeEnhancement } from "./relativeEnhancement.js";
export { rmse } from "./rmse.js";
export { type SsimMapOptions, type SsimOptions, ssim, ssimMap } from "./ssim.js";
export type { GaussianWindow, SsimWindow, UniformWindow } from "./ssimWindow.js";
export { type SurfaceDiceOptions, type SurfaceOverlap, surfaceDice, surfaceOverlap } from "./surfaceDice.js";
export {
  type DirectedDistances,
  type SurfaceArguments,
  type SurfaceConvention,
  type SurfaceDistances,
  type SurfaceDistancesOptions,
  surfaceDistances,
} from "./surfaceDistances.js";
export { volumeSimilarity } from "./volumeSimilarity.js";
