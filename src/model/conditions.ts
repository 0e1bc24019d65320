import type { CardCondition } from "./modelCard.js";

/**
 * The conditions of Pinetz et al. 2024 in their order and scaling: dose d as it is, field strength (B − 2.25)/0.75 (1.5 and 3 T become
 * ∓1), relaxivity r1/10, noise level σ·10.
 *
 * @see Pinetz et al. 2024, section 3.2 (the four conditions); scaling as in their published code
 */
export const pinetzConditions: readonly CardCondition[] = [
  { name: "dose", unit: "fraction of the standard dose", offset: 0, scale: 1, range: [0, 1] },
  { name: "fieldStrengthT", unit: "T", offset: 2.25, scale: 0.75, default: 3 },
  { name: "relaxivity", unit: "1/(mM s)", offset: 0, scale: 10 },
  { name: "noise", unit: "95th percentile of the brain", offset: 0, scale: 0.1 },
];
