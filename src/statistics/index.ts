export type { Alternative } from "./alternative.js";
export { type Description, describe } from "./describe.js";
export { type WilcoxonSignedRankOptions, type WilcoxonSignedRankResult, wilcoxonSignedRank } from "./wilcoxonSignedRank.js";
