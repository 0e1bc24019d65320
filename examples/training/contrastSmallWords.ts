import type { ModelCard } from "gadolinite/model";
import type { TrainingSettings } from "./options.js";

/** What the card of the bundled model says in words; the figures are those of `npm run evaluate` on this very file. */
export const contrastSmallWords = (
  settings: TrainingSettings,
  step: number,
): Pick<ModelCard, "name" | "version" | "description" | "intendedUse" | "limits"> => ({
  name: "contrast-small",
  version: `0.1.0-step-${step}`,
  description: `Conditional 3-D U-Net that takes the noise from the enhancement of a low-dose scan, trained on made-up scans alone: npm run train -- ${Object.entries(
    settings,
  )
    .map(([name, value]) => `--${name} ${value}`)
    .join(" ")}, ${step} steps done.`,
  intendedUse:
    "Research on gadolinium dose reduction: T1-weighted brain scans before and after a low dose (0.05 to 0.95 of the standard), on one grid.",
  limits: [
    "A research model, not a medical device. It never saw a patient.",
    "With noiseFactor 1.15, sureRefined and evidenceBounded it restores the lesion of two pairs to 28.1 and 32.2 dB at dose 0.1 (best restorer without a network 26.6 and 31.8), to 34.5 and 38.3 dB at 0.33 (32.9 and 36.2).",
    "At dose 0.1 it then shows enhancement above 0.2 of the brain's 95th percentile in up to 0.006 % of a brain where there is none, in groups of up to 5 voxels; without evidenceBounded in up to 0.13 %, 26 voxels. It takes some of the faint enhancement away, and shows what is too small or faint for evidence at that dose no brighter than 0.18.",
    "Not trained for doses below 0.05 or above 0.95, other organs, or other weightings than T1.",
  ].join(" "),
});
