export { type BoxMeanOptions, boxMean } from "./boxMean.js";
export { close } from "./close.js";
export {
  type Components,
  type ConnectedComponentsOptions,
  componentMask,
  connectedComponents,
} from "./connectedComponents.js";
export { dilate } from "./dilate.js";
export { distanceTransform } from "./distanceTransform.js";
export { erode } from "./erode.js";
export { type FillHolesOptions, fillHoles } from "./fillHoles.js";
export { type ForegroundMaskOptions, foregroundMask } from "./foregroundMask.js";
export { type GaussianMethod, type GaussianOptions, gaussian } from "./gaussian.js";
export type { GaussianKernel, GaussianKernelOptions } from "./gaussianKernel.js";
export type { MorphologyOptions } from "./growth.js";
export { headMask } from "./headMask.js";
export { type Histogram, type HistogramOptions, histogram } from "./histogram.js";
export { largestComponent } from "./largestComponent.js";
export type { Boundary } from "./lines.js";
export { type LocalMomentsOptions, localMoments } from "./localMoments.js";
export type { Connectivity } from "./neighbours.js";
export { type NonLocalMeansOptions, nonLocalMeans } from "./nonLocalMeans.js";
export { open } from "./open.js";
export { type OtsuThresholdOptions, otsuThreshold } from "./otsuThreshold.js";
export { type PercentileOptions, percentile, percentiles } from "./percentile.js";
