import type { CardCondition, ModelCard } from "./modelCard.js";

/** Dose d, ln d, and ln σ / 3 with σ the high-pass noise level of the low-dose subtraction image. */
export const noiseUnitConditions: readonly CardCondition[] = [
  { name: "dose", unit: "fraction of the standard dose", offset: 0, scale: 1 },
  { name: "ln-dose", unit: "ln of the fraction of the standard dose", offset: 0, scale: 1 },
  { name: "ln-noise", unit: "ln of the 95th percentile of the brain", offset: 0, scale: 3 },
];

/**
 * The part of a card that says that a network works in units of noise: it is given u = (low − pre)/σ and the pre-contrast scan, and predicts the
 * noise in u. At every dose u has unit noise, so one network serves all doses and scanners. Inputs `x` and `conditions`, output `y`, as
 * `conditionalUnet3d({ inputs: 4, conditions: 3, output: "linear" })` has them.
 *
 * @see Pinetz et al. 2024, section 3.1 (noise-normalised subtraction images), with one σ for a scan rather than local statistics
 * @example
 * const card = parseCard({ ...noiseUnitsCard, format: 1, name, version, description, intendedUse, limits, licence, patch });
 */
export const noiseUnitsCard: Pick<ModelCard, "inputs" | "conditions" | "output" | "preprocessing"> = {
  inputs: [
    {
      name: "x",
      channels: [
        { name: "asinh-difference", offset: 0, scale: 1 },
        { name: "clamped-difference", offset: 0, scale: 1 },
        { name: "fine-difference", offset: 0, scale: 1 },
        { name: "pre", offset: 0, scale: 1 },
      ],
    },
  ],
  conditions: { input: "conditions", values: noiseUnitConditions },
  output: { name: "y", meaning: "noise", offset: 0, scale: 1 },
  preprocessing: { percentile: 95, within: "brain" },
};
