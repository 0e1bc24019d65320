export type { Alternative } from "./alternative.js";
export { type BootstrapOptions, type BootstrapResult, bootstrap } from "./bootstrap.js";
export { clopperPearson } from "./clopperPearson.js";
export { type Description, describe } from "./describe.js";
export { type FisherExactOptions, fisherExact } from "./fisherExact.js";
export { holm } from "./holm.js";
export type { Interval, IntervalOptions } from "./interval.js";
export { type MannWhitneyUOptions, type MannWhitneyUResult, mannWhitneyU } from "./mannWhitneyU.js";
export { mcnemarExact, mcnemarMidP } from "./mcnemar.js";
export { type PcaOptions, type PcaResult, pca } from "./pca.js";
export { studentInterval } from "./studentInterval.js";
export { type TsneOptions, type TsneResult, tsne } from "./tsne.js";
export {
  type SampleSummary,
  type TTestFromSummaryOptions,
  type TTestOptions,
  type TTestResult,
  tTest,
  tTestFromSummary,
} from "./tTest.js";
export { type WilcoxonSignedRankOptions, type WilcoxonSignedRankResult, wilcoxonSignedRank } from "./wilcoxonSignedRank.js";
