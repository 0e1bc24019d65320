export { type ApparentDiffusionOptions, apparentDiffusion } from "./apparentDiffusion.js";
export { type HistogramPeaks, type HistogramPeaksOptions, histogramPeaks } from "./histogramPeaks.js";
export { type MatchedHistogramPeaks, type MatchHistogramPeaksOptions, matchHistogramPeaks } from "./matchHistogramPeaks.js";
export { type MatchedRadiometric, type MatchRadiometricOptions, matchRadiometric } from "./matchRadiometric.js";
export { type MatchScaleOptions, matchScale } from "./matchScale.js";
export { type RescaleOptions, rescale } from "./rescale.js";
export { type ScaleToPercentileOptions, scaleToPercentile } from "./scaleToPercentile.js";
export { type ZScoreOptions, zScore } from "./zScore.js";
