import { enhancementMask, synthesize } from "../../src/enhancement/index.js";
import { createMask } from "../../src/index.js";
import { relativeEnhancement } from "../../src/metrics/index.js";
import { volumeOf } from "../support/arbitraries.js";
import type { PrintedNumber } from "./rows.js";

/** Relative enhancement of x_LD + ỹ for a lesion of two voxels in which x_LD and x_PC + ỹ enhance as printed. */
function enhanced(low: readonly number[], signal: readonly number[]) {
  const shape = [low.length, 1, 1] as const;
  const [pre, post] = [0, 1].map((v) => volumeOf(shape, new Array<number>(low.length).fill(v)));
  const lesion = createMask(new Uint8Array(low.length).fill(1), post!.grid);
  return relativeEnhancement(pre!, post!, synthesize(volumeOf(shape, low), volumeOf(shape, signal)), lesion);
}

const maskAt = (sigmas: number) => enhancementMask(volumeOf([1, 1, 1], [sigmas]), { sigma: 1 }).data[0]!;

export const pinetz2024 = (): readonly PrintedNumber[] => [
  row("eq. (2)", "f(σ)", "0.01", maskAt(1).toFixed(2), "w = 2·ln 99 / (3σ), b = −(5/3)·ln 99"),
  row("eq. (2)", "f(4σ)", "0.99", maskAt(4).toFixed(2), "the same"),
  row(
    "table 3",
    "c̄ of x_LD + ỹ",
    "1.17",
    enhanced([0.3, 0.48], [0.9, 0.66]).mean.toFixed(2),
    "c̄(x_LD) + c̄(x_PC + ỹ) = 0.39 + 0.78, in each lesion exactly",
  ),
  row(
    "table 3",
    "ĉ of x_LD + ỹ, at most 1.37",
    "1.33 ≤ 1.37",
    `1.33 ≤ ${enhanced([0.54], [0.83]).max.toFixed(2)}`,
    "ĉ(x_LD) + ĉ(x_PC + ỹ) = 0.54 + 0.83, a bound: the maxima may lie apart",
  ),
  row("table 4", "scans", "761", String(178 + 435 + 119 + 29), "178 + 435 + 119 + 29"),
  row("table 5", "samples", "20", String(11 + 9), "11 + 9"),
  row("section 4.1", "BraTS-METS samples", "238", String(190 + 48), "190 + 48"),
  {
    ...row("section 4.1", "metastases of RLD-METS", "48", "47", "the supplement"),
    verdict: "wrong",
    note: "Text and supplement differ; which is right isn't to be told.",
  },
];

function row(where: string, what: string, printed: string, recomputed: string, from: string): PrintedNumber {
  return { where, what, printed, recomputed, from, verdict: "agrees" };
}
