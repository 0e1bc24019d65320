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
  limits: "A research model, not a medical device. It never saw a patient.",
});
